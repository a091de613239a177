"""Estates to look at and to learn from; what is made up in them says that it is synthetic."""

from importlib.resources import files
from pathlib import Path


def sample_path(name: str) -> Path:
    """Folder of a sample estate.

    Parameters
    ----------
    name : str
        ``by_hand`` or ``retailer``.

    Raises
    ------
    FileNotFoundError
        If there is no such sample.
    """
    folder = Path(str(files("sample_data"))) / name
    if not (folder / "README.md").is_file():
        raise FileNotFoundError(f"there is no sample estate called {name!r}")
    return folder
