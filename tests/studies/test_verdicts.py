import pandas as pd

from cerussite.studies.verdicts import study_verdicts

METHODS = ["partial_least_squares", "consensus", "resnet", "transfer_all"]
CONTROLS = ["control_untrained_trunk", "control_shuffled_source"]


def tables(*, mean=0.5, low=0.3, gains=None, gap=0.1):
    """Summary and comparisons of one response; gains of transfer by rival."""
    summary = pd.DataFrame(
        {
            "response": "Pb",
            "method": [*METHODS, *CONTROLS, "mean"],
            "scheme": "grouped",
            "n_calibration": 100,
            "metric": "r2",
            "mean": [mean, mean - 0.1, mean - 0.2, mean - 0.3, 0.9, 0.9, 0.9],
            "low": low,
            "high": 0.8,
        }
    )
    rivals = [*METHODS[:3], *CONTROLS]
    gains = gains or dict.fromkeys(rivals, 0.3)
    comparisons = pd.DataFrame(
        [
            (
                "Pb",
                "transfer_all",
                rival,
                "grouped",
                100,
                "r2",
                g,
                g - gap,
                g + gap,
                0.1,
            )
            for rival, g in gains.items()
        ],
        columns=[
            *("response", "method", "against", "scheme", "n_calibration", "metric"),
            *("difference", "low", "high", "p_value"),
        ],
    )
    return summary, comparisons


def verdicts(n_measured=100, **options):
    found = study_verdicts(*tables(**options), {"Pb": n_measured})
    return {verdict["topic"]: verdict for verdict in found}


def test_the_best_method_is_named_and_controls_are_no_methods():
    text = verdicts()["skill"]["text"]
    assert text == (
        "Pb (whole groups left out, 100 calibration samples): predicted best by "
        "partial least squares, R² 0.50 [0.30, 0.80]"
    )


def test_skill_that_zero_is_not_excluded_from_is_not_claimed():
    skill = verdicts(mean=0.1, low=-0.2)["skill"]
    assert not skill["supported"]
    assert "no method is shown to predict it" in skill["text"]
    assert "[−0.20, 0.80], not above zero" in skill["text"]


def test_transfer_that_beats_everything_is_said_to():
    transfer = verdicts()["transfer"]
    assert transfer["supported"]
    assert "beat everything it was compared with" in transfer["text"]
    assert "+0.30 [0.20, 0.40] against partial least squares" in transfer["text"]


def test_one_rival_that_is_not_beaten_is_enough_to_withdraw_the_claim():
    rivals = dict.fromkeys([*METHODS[:3], *CONTROLS], 0.3)
    transfer = verdicts(gains={**rivals, "control_shuffled_source": 0.05})["transfer"]
    assert not transfer["supported"]
    assert "did not beat transfer from shuffled labels (control);" in transfer["text"]


def test_without_an_interval_there_is_no_verdict():
    transfer = verdicts(gap=float("nan"))["transfer"]
    assert not transfer["supported"]
    assert "one split gives no interval" in transfer["text"]


def test_few_values_withhold_the_verdict_with_the_reason():
    found = verdicts(n_measured=12)
    assert set(found) == {"skill"}
    assert "only 12 measured values; at least 20" in found["skill"]["text"]


def test_transfer_that_beats_nothing_is_said_to():
    rivals = dict.fromkeys([*METHODS[:3], *CONTROLS], -0.3)
    transfer = verdicts(gains=rivals)["transfer"]
    assert not transfer["supported"]
    assert "beat nothing that it was compared with" in transfer["text"]
    assert "−0.30 [−0.40, −0.20] against consensus" in transfer["text"]
