"""What tests of several folders share."""

import pytest


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Name a kernel that is the Python these tests run on, whatever kernels the machine has."""
    from ipykernel.kernelspec import write_kernel_spec

    write_kernel_spec(tmp_path / "kernels" / "this-python")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "error:::biomarker")
    return "this-python"
