import numpy as np
import pandas as pd

from cerussite.core.survey import Response, Survey
from cerussite.readers.stored import load_survey, save_survey


def test_covariates_come_back_from_the_cache_with_their_categories(tmp_path):
    index = pd.Index(["a", "b", "c"], name="sample_id")
    covariates = pd.DataFrame(
        {
            "ph": [4.5, np.nan, 7.0],
            "rock": pd.Categorical(["lime", None, "lime"], categories=["clay", "lime"]),
        },
        index=index,
    )
    survey = Survey(
        samples=pd.DataFrame({"group": ["x", "x", "y"]}, index=index),
        responses=(Response("Pb", "mg/kg"),),
        y=np.array([[1.0], [2.0], [np.nan]]),
        covariates=covariates,
    )
    back = load_survey(save_survey(survey, tmp_path / "kept.parquet"))
    assert back.covariates["ph"].tolist()[::2] == [4.5, 7.0]
    assert back.covariates["ph"].isna().tolist() == [False, True, False]
    assert list(back.covariates["rock"].cat.categories) == ["clay", "lime"]
    assert back.covariates["rock"].isna().tolist() == [False, True, False]
    assert list(back.samples) == ["group"]


def test_a_survey_without_covariates_stays_without(tmp_path):
    survey = Survey(
        samples=pd.DataFrame(index=pd.Index(["a"])), responses=(), y=np.empty((1, 0))
    )
    kept = save_survey(survey, tmp_path / "kept.parquet")
    assert load_survey(kept).covariates is None
