"""The register of information under DORA: its templates, and estates to registers and back."""
