"""What the pages of the guide's phone show."""

from __future__ import annotations

from huoshui.web.guide.contexts.code import own_code
from huoshui.web.guide.contexts.finding import find
from huoshui.web.guide.contexts.home import home
from huoshui.web.guide.contexts.mine import mine
from huoshui.web.guide.contexts.person import PersonPage, dial, news, page_of, person
from huoshui.web.guide.contexts.words import server

__all__ = ["PersonPage", "dial", "find", "home", "mine", "news", "own_code", "page_of", "person", "server"]
