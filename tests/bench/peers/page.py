"""Puts tables into a page, between the markers of their blocks:

    <!-- begin: NAME -->
    <!-- end: NAME -->
"""

import re


def fill(page, blocks):
    for name, text in blocks.items():
        begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
        page, count = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"the page has {count} blocks \"{name}\", 1 is wanted")
    return page
