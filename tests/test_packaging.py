"""What installing and importing the package may and may not bring along."""

import subprocess
import sys
from importlib.metadata import distributions

import pytest

FORBIDDEN = ("torchvision", "nvidia-", "triton", "pytorch-lightning", "pyreadr")


def modules_after(statement):
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_no_cuda_nor_torchvision_is_installed():
    names = {str(each.metadata["Name"]).lower() for each in distributions()}
    assert not [name for name in names if name.startswith(FORBIDDEN)]


def test_the_package_imports_neither_torch_nor_matplotlib():
    assert not {"torch", "matplotlib"} & modules_after("import cerussite")


@pytest.mark.parametrize(
    "room", ["readers", "preprocessing", "evaluation", "simulation", "models"]
)
def test_a_room_imports_neither_torch_nor_matplotlib(room):
    loaded = modules_after(f"import cerussite.{room}")
    assert not {"torch", "matplotlib"} & loaded
