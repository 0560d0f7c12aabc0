"""The application of `guidepost serve`, imported by the processes that serve it.

The one that supervises them does without it.
"""

from typing import TYPE_CHECKING

from service.garbage import collecting_later

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from service.embedded import Outage
    from service.settings import Settings


def make_app(settings: "Settings", outage: "Outage") -> "Starlette":
    """The application; see `service.application.create_app`."""
    with collecting_later():
        from service.application import create_app  # noqa: PLC0415
    return create_app(settings, outage)
