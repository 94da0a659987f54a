"""Whether metals show themselves in spectra, or only through what binds them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cerussite.explanation import surrogate_test
from cerussite.studies.data import StudyData
from cerussite.studies.files import seed_of
from cerussite.studies.schemes import StudySplit
from cerussite.studies.tasks import Bench

#: Schemes that are asked, the first one that was run: the question is what links
#: metal and spectrum where samples come from, not whether the link holds elsewhere.
ASKED = ("random", "leave_one_group_out", "grouped", "spatial")


def indirect_tables(
    data: StudyData, bench: Bench, splits: Sequence[StudySplit]
) -> dict[str, pd.DataFrame]:
    """
    Skill of each metal from spectra, and from constituents alone.

    Parameters
    ----------
    data : StudyData
        Target with its constituents.
    bench : Bench
        What the tasks share.
    splits : sequence of StudySplit
        All splits of the study.

    Returns
    -------
    dict of str to DataFrame
        ``surrogates`` and ``constituents``; empty without constituents, or
        without folds that test every sample.
    """
    from cerussite.models import PartialLeastSquares  # noqa: PLC0415 - slow to import

    known, metals = data.constituents, _comparable(data)
    folds = _test_folds(splits, len(bench.X))
    if known is None or not folds:
        return {"surrogates": pd.DataFrame(), "constituents": pd.DataFrame()}
    # A metal that is a constituent of the others is not explained by itself.
    alone = [name for name in metals if name in known]
    together = [name for name in metals if name not in known]
    found = [
        surrogate_test(
            PartialLeastSquares(random_state=bench.random_state),
            bench.X,
            metals[names],
            known.drop(columns=names, errors="ignore"),
            folds=[(split.calibration, split.test) for split in folds],
            groups=bench.specimens.tolist(),
            random_state=seed_of(bench.random_state, "surrogates"),
        )
        for names in [together, *([name] for name in alone)]
        if names
    ]
    skills = pd.concat([one.constituents for one in found], ignore_index=True)
    rows = pd.concat([one.table for one in found], ignore_index=True)
    return {
        "surrogates": rows.assign(scheme=folds[0].scheme),
        "constituents": skills.drop_duplicates("constituent"),
    }


def _comparable(data: StudyData) -> pd.DataFrame:
    # Logarithms, for metals are skewed; as they are where one has none.
    columns = {
        name: np.log(column) if np.nanmin(column) > 0 else column
        for name, column in zip(
            data.target.response_names, data.target.y.T, strict=True
        )
    }
    return pd.DataFrame(columns)


def _test_folds(splits: Sequence[StudySplit], n_samples: int) -> list[StudySplit]:
    # One repeat that tests every sample once, with the largest calibration sets.
    for scheme in ASKED:
        own = [split for split in splits if split.scheme == scheme]
        size = max((split.n_calibration for split in own), default=0)
        first = [s for s in own if s.repeat == 0 and s.n_calibration == size]
        n_tested = sum(len(split.test) for split in first)
        if len(first) >= 3 and n_tested == n_samples:
            return first
    return []
