"""Which row of simulated money is whose: contracts, then organizations, then our own liability."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from depgraph.engine.simulated_money import FIGURES
from depgraph.model.estate import Estate

OWN = ""
"""Stands for all of our own organizations together."""


class MoneyRows:
    """Rows of the money of an estate.

    `FIGURES` of each contract and currency come first; then what each supplier absorbs, by
    currency, in the order of the file; then what our own organizations absorb, by currency.

    Parameters
    ----------
    estate : Estate
        Contracts and organizations.
    columns : tuple of (str, str)
        Contracts with their currencies; none where money is left aside.

    Attributes
    ----------
    columns : tuple of (str, str)
        As given.
    suppliers : tuple of (str, str)
        Suppliers with their currencies.
    own : tuple of str
        Currencies of our own liability.
    """

    def __init__(self, estate: Estate, columns: tuple[tuple[str, str], ...]) -> None:
        self.columns = columns
        supplier = {contract.id: contract.supplier for contract in estate.contracts}
        self._supplier = [(supplier[contract], currency) for contract, currency in self.columns]
        order = {organization: place for place, organization in enumerate(estate.organization)}
        pairs = sorted(set(self._supplier), key=lambda pair: (order[pair[0]], pair[1]))
        self.suppliers = tuple(pairs)
        self._ours = estate.own_organizations
        self.own = tuple(dict.fromkeys(c for o, c in self.suppliers if o in self._ours))

    @property
    def absorbed(self) -> dict[tuple[str, str], int]:
        """Rows that hold what is absorbed, by organization and currency; `OWN` for all of ours."""
        first = len(FIGURES) * len(self.columns)
        names = (*self.suppliers, *((OWN, currency) for currency in self.own))
        return {name: first + place for place, name in enumerate(names)}

    def sums(self) -> csr_array:
        """Matrix from figures of contracts to all rows."""
        size, place = len(FIGURES) * len(self.columns), self.absorbed
        absorbed = range(FIGURES.index("absorbed"), size, len(FIGURES))
        pairs = [(row, row) for row in range(size)]
        for row, (organization, currency) in zip(absorbed, self._supplier, strict=True):
            pairs.append((row, place[organization, currency]))
            if organization in self._ours:
                pairs.append((row, place[OWN, currency]))
        rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
        shape = size, size + len(place)
        return csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape=shape)
