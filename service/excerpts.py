"""What the chat page shows of an excerpt: where it is from. No Gradio here."""

import logging
from time import perf_counter

from index.errors import DatelineError
from service.conversation import UNEXPECTED
from service.desk import Desk
from service.faults import Fault
from service.render import printable, render_message, render_origin

log = logging.getLogger(__name__)


async def identify(desk: Desk, excerpt: str) -> str:
    """Headline, outlet, date, link and place of the excerpt, or why there are none."""
    started = perf_counter()
    try:
        place = await desk.find(printable(excerpt or "").replace("\0", ""))
    except (DatelineError, Fault) as error:
        return render_message(str(error))
    except Exception:
        log.exception("The page could not look for an excerpt.")
        return render_message(UNEXPECTED)
    return render_origin(place, perf_counter() - started)
