"""What a person should know of a device, in one line."""

from hems.field.device import Device
from hems.field.quarantine import left_alone


def remarks(device: Device, now_mono_s: float, *, new: bool = False) -> str:
    """Empty if all is well or it was not asked yet.

    The same words for as long as something lasts: a rest is told by its whole length. While a device
    is `new`, its setup and the search for its map are under way as they should be.
    """
    rest = f", asked again in {device.absence.rest_s:.0f} s" if left_alone(device.absence) else ""
    if not device.answered:
        return "" if device.answered is None else f"has not answered yet{rest}"
    told = device.told
    said = [f"{'asleep, no car' if device.asleep else 'silent'}{rest}"] if rest else []
    if told.starving(now_mono_s, device.last_good_mono_s) and not device.asleep:
        said.append("not fed in time: its own watchdog is about to act")
    if device.barren:
        said.append("nothing in its map is for its role")
    elif device.unmapped and not new:
        said.append("its map is not found")
    said += told.words(new=new)
    refused = [entry.block.points[0].quantity for entry in device.planned if entry.refused]
    if refused:
        said.append(f"does not have {', '.join(refused)}")
    said += device.beliefs.words(now_mono_s)
    if device.link.turn_s > device.base.limits.turn_s:
        said.append(f"needs {device.link.turn_s * 1000:.0f} ms after a change of unit")
    return "; ".join(said)
