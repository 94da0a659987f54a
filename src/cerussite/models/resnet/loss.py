"""The loss for responses that were not all measured on every sample."""

import torch
from torch import Tensor


def masked_mean_squared_error(prediction: Tensor, response: Tensor) -> Tensor:
    """
    Mean squared error over measured responses, each response weighing the same.

    Parameters
    ----------
    prediction : Tensor of shape (n_samples, n_responses)
        Predicted responses.
    response : Tensor of shape (n_samples, n_responses)
        Reference responses; NaN where not measured.

    Returns
    -------
    Tensor of shape ()
        The loss; responses never measured in the batch do not count, and a
        batch without any measurement has a loss of zero.

    Examples
    --------
    >>> nan = torch.nan
    >>> prediction = torch.tensor([[1.0, 0.0], [2.0, 5.0]])
    >>> response = torch.tensor([[1.0, 3.0], [4.0, nan]])
    >>> masked_mean_squared_error(prediction, response).item()
    5.5
    """
    measured = ~torch.isnan(response)
    # Mask before squaring: `where` would let the NaN gradient of a square through.
    residual = torch.where(measured, prediction - response, 0.0)
    n_measured = measured.sum(dim=0)
    per_response = residual.square().sum(dim=0) / n_measured.clamp_min(1)
    return per_response.sum() / (n_measured > 0).sum().clamp_min(1)
