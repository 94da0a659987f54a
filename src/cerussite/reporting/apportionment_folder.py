"""The files of an apportionment, read once for its report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cerussite.core.errors import UnreadableFileError

#: Files that every apportionment has.
NEEDED = (
    *("profiles", "contributions", "explained_variation", "residuals", "starts"),
    *("samples", "species", "data_dictionary"),
)
_OPTIONAL = (
    *("errors", "number_of_factors", "swaps", "mapping", "second_opinions"),
    *("agreement", "similarity", "classes", "evidence", "verdicts", "constraints"),
)
_DOCUMENTS = ("manifest.json", "diagnostics.json")
#: Columns that hold text; all others are numbers.
_TEXT = frozenset(
    {
        *("factor", "species", "sample_id", "date", "block", "method", "is_reached"),
        *("unit", "category", "suggested_category", "is_converged", "reaches_best"),
        *("pmf", "apcs", "log_ratio", "agrees", "component", "class", "words"),
        *("metal", "kind", "says", "meaning", "verdict", "supporting", "opposing"),
        *("undecided", "reason", "solution", "constraint", "files", "column"),
    }
)
#: Columns that are text in one table and numbers in others.
_NUMBERS = {
    "second_opinions": frozenset({"pmf", "apcs"}),
    "similarity": frozenset({"apcs", "log_ratio"}),
}
_FLAGS = frozenset({"is_converged", "reaches_best", "agrees"})


@dataclass(frozen=True, eq=False)
class ApportionmentResults:
    """
    Everything the report of an apportionment is made of.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By name of the file without its ending; those that were not written are
        missing.
    manifest, diagnostics : mapping
        What the apportionment says about itself and its fit.
    """

    tables: dict[str, pd.DataFrame]
    manifest: Mapping[str, Any]
    diagnostics: Mapping[str, Any]

    @property
    def factors(self) -> list[str]:
        """
        Names of the factors.

        Returns
        -------
        list of str
            In their order.
        """
        return list(dict.fromkeys(self.tables["profiles"]["factor"]))

    @property
    def species(self) -> list[str]:
        """
        Species that count.

        Returns
        -------
        list of str
            In the order of the table of concentrations.
        """
        return list(dict.fromkeys(self.tables["profiles"]["species"]))

    @property
    def units(self) -> dict[str, str]:
        """
        Units of the species.

        Returns
        -------
        dict of str to str
            Empty text where none was stated.
        """
        table = self.tables["species"]
        return dict(zip(table["species"], table["unit"], strict=True))

    def shares(self) -> pd.DataFrame:
        """
        Percent of each species that each factor gives.

        Returns
        -------
        DataFrame
            Row a species, column a factor.
        """
        wide = self.tables["profiles"].pivot_table(
            index="species", columns="factor", values="percent_of_species", sort=False
        )
        return wide.reindex(index=self.species, columns=self.factors)

    def numbers(self, table: str, column: str) -> dict[tuple[str, str], float]:
        """
        A column of a table by factor and species.

        Parameters
        ----------
        table, column : str
            Such as ``profiles`` and ``concentration``.

        Returns
        -------
        dict of (str, str) to float
            Keys are factor and species.
        """
        rows = self.tables[table]
        keys = zip(rows["factor"], rows["species"], strict=True)
        return dict(zip(keys, rows[column].astype(float), strict=True))

    def intervals(self, method: str, d_q: float | None = None) -> pd.DataFrame:
        """
        Intervals of the profiles by one method.

        Parameters
        ----------
        method : str
            DISP, BS, BS noise, BS-DISP or combined.
        d_q : float or None
            Level; all if None.

        Returns
        -------
        DataFrame
            With index (factor, species); empty where it was not estimated.
        """
        empty = pd.DataFrame(columns=["factor", "species", "lower", "upper"])
        table = self.tables.get("errors")
        if table is None:
            return empty.set_index(["factor", "species"])
        rows = table[table["method"] == method]
        if d_q is not None:
            rows = rows[rows["d_q"] == d_q]
        return rows.set_index(["factor", "species"])


def read_apportionment_folder(folder: Path) -> ApportionmentResults:
    """
    Read the folder of an apportionment.

    Parameters
    ----------
    folder : Path
        Folder that ``cerussite apportion`` has written.

    Returns
    -------
    ApportionmentResults
        Its tables, manifest and diagnostics.

    Raises
    ------
    UnreadableFileError
        If it is none, or a file is missing.
    """
    files = (*(f"{name}.csv" for name in NEEDED), *_DOCUMENTS)
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        msg = (
            f"{folder}: has no {missing[0]}; expected a folder of an apportionment; "
            "apportion anew"
        )
        raise UnreadableFileError(msg)
    names = [n for n in (*NEEDED, *_OPTIONAL) if (folder / f"{n}.csv").is_file()]
    manifest, diagnostics = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in _DOCUMENTS
    )
    tables = {name: _read(folder / f"{name}.csv") for name in names}
    return ApportionmentResults(tables, manifest, diagnostics)


def _read(path: Path) -> pd.DataFrame:
    # Without `keep_default_na` a sample called NA would turn into a gap.
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    numbers = _NUMBERS.get(path.stem, frozenset())
    for name in table.columns:
        if name in _FLAGS:
            table[name] = table[name] == "True"
        elif name not in _TEXT or name in numbers:
            found = pd.to_numeric(table[name].replace("", "nan"), errors="coerce")
            table[name] = found.astype(float)
    return table
