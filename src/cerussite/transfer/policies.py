"""Which parts of a source network learn on the target, and how fast."""

from cerussite.core.errors import InvalidStudyError
from cerussite.models.resnet.schedule import ALL_STAGES, TrainedStage

#: Ratio of learning rates of neighbouring stages, after Howard and Ruder (2018).
DISCRIMINATIVE_RATIO = 2.6

#: Policies by name. ``"paper"``: He et al. (2025) freeze the convolutional and
#: residual layers and train the dense ones. ``"gradual"`` and
#: ``"discriminative"``: Howard, J. and Ruder, S. (2018). Universal language
#: model fine-tuning for text classification. Proceedings of ACL, 328-339.
POLICIES: dict[str, tuple[TrainedStage, ...]] = {
    "paper": (TrainedStage("dense"), TrainedStage("output")),
    "all": ALL_STAGES,
    "gradual": (
        TrainedStage("stem", start=0.6),
        TrainedStage("blocks", start=0.4),
        TrainedStage("last", start=0.2),
        TrainedStage("dense"),
        TrainedStage("output"),
    ),
    "discriminative": (
        TrainedStage("stem", rate=DISCRIMINATIVE_RATIO**-3),
        TrainedStage("blocks", rate=DISCRIMINATIVE_RATIO**-2),
        TrainedStage("last", rate=DISCRIMINATIVE_RATIO**-1),
        TrainedStage("dense"),
        TrainedStage("output"),
    ),
}


def trained_stages(policy: str) -> tuple[TrainedStage, ...]:
    """
    Parts of a network that learn under a policy.

    Parameters
    ----------
    policy : {"paper", "all", "gradual", "discriminative"}
        Name of the policy.

    Returns
    -------
    tuple of TrainedStage
        Stages that are not named stay as the source left them.

    Raises
    ------
    InvalidStudyError
        If there is no policy of that name.

    Examples
    --------
    >>> [stage.name for stage in trained_stages("paper")]
    ['dense', 'output']
    """
    if policy not in POLICIES:
        msg = f"policy: {policy!r} is unknown; expected one of {', '.join(POLICIES)}"
        raise InvalidStudyError(msg)
    return POLICIES[policy]
