"""What an installation says about its edges: the front panel, the doors for clients, an optimizer.

Parts of ``hems.toml`` as `site` has them.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Pin = Annotated[int, Meta(ge=0, le=27)]
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
Path = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", max_length=107)]
"""A path that fits a Unix socket; "" = none."""


class Shape(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all shapes share: frozen, named keys only."""


class Buttons(Shape, frozen=True):
    """GPIO numbers of the buttons, which close to ground. Without `back` OK held for 800 ms stands for it."""

    up: Pin
    down: Pin
    ok: Pin
    back: Pin | None = None


class Lights(Shape, frozen=True):
    """GPIO numbers of the lights: controlling, a limit binds, an alarm nobody has acknowledged."""

    green: Pin | None = None
    yellow: Pin | None = None
    red: Pin | None = None


class Spi(Shape, frozen=True):
    """A display on SPI: bus and chip select, GPIO numbers of data/command and, if it is wired, of reset."""

    bus: Annotated[int, Meta(ge=0, le=6)] = 0
    select: Annotated[int, Meta(ge=0, le=2)] = 0
    data: Annotated[int, Meta(ge=1, le=27)] = 24
    reset: Pin | None = None


class Panel(Shape, frozen=True):
    """The front panel. Without display or buttons everything else runs the same.

    The display is on I2C unless `spi` says where.
    """

    display: Literal["none", "ssd1306", "sh1106"] = "none"
    i2c_bus: Annotated[int, Meta(ge=0, le=20)] = 1
    i2c_address: Literal[0x3C, 0x3D] = 0x3C
    rotate: Literal[0, 180] = 0
    spi: Spi | None = None
    buttons: Buttons | None = None
    lights: Lights | None = None


class Optimizer(Shape, frozen=True):
    """An external optimizer and the Unix socket it listens on."""

    socket: Annotated[Text, Meta(max_length=107)] = "/run/powersync/optimizer.sock"


class Api(Shape, frozen=True):
    """How clients reach the appliance; what is "" is closed.

    The Unix `socket` is for members of `group`, `tcp` (``127.0.0.1:2223``) for this machine alone: neither
    asks who it is. `tls` (``[::]:2222``) is for everybody who logs in, with an EC `certificate` and its
    `key`. Somebody at the panel lets the first user in, unless `first_user_needs_button` is false.
    """

    socket: Path = "/run/hems/hems.sock"
    group: Annotated[Text, Meta(max_length=32)] = "hems"
    tcp: Annotated[str, Meta(max_length=64)] = ""
    tls: Annotated[str, Meta(max_length=64)] = ""
    certificate: Path = "/var/lib/hems/door.crt"
    key: Path = "/var/lib/hems/door.key"
    first_user_needs_button: bool = True
