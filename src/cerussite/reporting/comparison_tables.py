"""Tables of paired differences."""

from cerussite.reporting.differences import Difference
from cerussite.reporting.numerals import probability
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.score_tables import size_grid
from cerussite.reporting.tables import (
    Cell,
    Row,
    Table,
    by_role,
    difference_cell,
    scheme_head,
    short_name,
)
from cerussite.reporting.wording import opponents, scheme_title, subject


def difference_table(ranking: Ranking, response: str) -> Table | None:
    """
    Differences of the method in question at every calibration size.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Table or None
        A row an opponent; None where nothing was compared.
    """
    method = subject(ranking, response)
    if method is None:
        return None
    grid = size_grid(ranking, response)
    cells = {
        name: tuple(
            difference_cell(ranking.difference(response, (method, name), scheme, size))
            for scheme, sizes in grid
            for size in sizes
        )
        for name in opponents(ranking, response)
    }
    cells = {
        name: row for name, row in cells.items() if any(c.text != "–" for c in row)
    }
    if not cells:
        return None
    names = " and ".join(scheme_title(scheme) for scheme, _ in grid)
    return Table(
        f"{response}: R² of “{ranking.title(method)}” minus R² of the method in the "
        f"row, with its interval, by number of calibration samples n; validation by "
        f"{names}. Marked only where the interval excludes zero.",
        "Against",
        tuple(f"n = {size}" for _, sizes in grid for size in sizes),
        by_role(ranking.methods, cells),
        tuple((scheme_head(scheme), len(sizes)) for scheme, sizes in grid),
    )


def pair_table(ranking: Ranking, response: str) -> Table | None:
    """
    Every comparison of a response with the full calibration set.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Table or None
        A row a pair, schemes side by side; None where nothing was compared.
    """
    schemes = [s for s in ranking.results.schemes if ranking.sizes(response, s)]
    pairs = dict.fromkeys(
        (item.method, item.against)
        for item in ranking.differences()
        if item.response == response and item.metric == "r2"
    )
    if not pairs:
        return None
    rows = tuple(
        Row(
            f"{short_name(pair[0])} − {short_name(pair[1])}",
            tuple(
                cell
                for scheme in schemes
                for cell in _pair_cells(
                    ranking.difference(
                        response, pair, scheme, ranking.full_size(response, scheme)
                    )
                )
            ),
        )
        for pair in pairs
    )
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    return Table(
        f"{response}: differences in R² of all pairs compared, with their intervals "
        "and two-sided p-values of the corrected resampled t-test, not adjusted for "
        f"their number; full calibration set, validation by {names}.",
        "Pair",
        tuple(head for _ in schemes for head in ("Difference in R²", "p")),
        (("", rows),),
        tuple((scheme_head(scheme), 2) for scheme in schemes),
    )


def _pair_cells(difference: Difference | None) -> tuple[Cell, Cell]:
    p = Cell("–") if difference is None else Cell(probability(difference.p_value))
    return difference_cell(difference), p
