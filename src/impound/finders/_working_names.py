"""Working names: two neutral words made from an id, so that people can talk about a campaign or a botnet.

No nationality, person, brand, insult or threat; nothing that says what the campaign sells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_FIRST = """
    Amber Ample Arctic Autumn Azure Balmy Bashful Blithe Bold Brass Breezy Bright Brisk Bronze Busy Calm Candid
    Cedar Cheerful Chilly Clear Cloudy Cobalt Copper Coral Cosy Crimson Crisp Curly Dapper Dusty Eager Early Earnest
    Easy Ebony Emerald Even Fabled Faint Fair Fleet Fluffy Fond Frosty Gentle Gilded Gleaming Glossy Golden Graceful
    Grand Grey Happy Hardy Hazel Hidden Hollow Honest Humble Hushed Idle Indigo Ivory Jade Jolly Keen Kind Lively
    Lofty Lucid Lunar Maple Marble Mellow Merry Mild Misty Modest Mossy Narrow Neat Nimble Noble Oaken Olive Opal
    Orange Pale Patient Pearly Placid Plain Plucky Polite Proud Purple Quaint Quick Quiet Rapid Rosy Rustic Sandy
    Scarlet Serene Shady Sharp Shiny Silent Silver Sleepy Slim Snowy Soft Solar Steady Stony Sturdy Sunny Swift Tall
    Tawny Teal Tidy Tranquil Upland Velvet Violet Vivid Warm Wavy Wide Windy Winter Wistful Woolly Young Zesty
""".split()  # noqa: SIM905
_SECOND = """
    Acorn Anchor Aspen Badger Barley Basin Beacon Beaver Birch Bison Bramble Brook Buckle Button Cabin Candle Canyon
    Carrot Castle Cello Cherry Clover Comet Compass Cove Crane Creek Cricket Crow Daisy Delta Donkey Dove Drum Dune
    Eagle Elder Elm Falcon Fern Ferry Fiddle Finch Fjord Flint Forest Fox Garden Gecko Ginger Glacier Goose Grove
    Gull Hamlet Harbour Hare Harp Hawk Heath Hedge Heron Hill Holly Island Ivy Jackdaw Juniper Kettle Kite Lagoon
    Lake Lantern Lark Laurel Lemur Lily Linden Lynx Magpie Marten Meadow Melon Mill Mole Moose Moth Nettle Newt Oak
    Oasis Orchard Osprey Otter Owl Paddle Panda Parrot Pebble Pelican Pepper Pigeon Pine Plover Plum Pond Poplar
    Prairie Puffin Quail Quarry Rabbit Raven Reed Ridge River Robin Rook Saddle Sail Salmon Seal Shore Sparrow
    Spruce Squirrel Starling Stork Summit Swallow Swan Tern Thicket Thistle Thrush Tide Toad Trout Tulip Turtle
    Valley Walnut Walrus Weasel Willow Wren
""".split()  # noqa: SIM905


def working_names(ids: Iterable[int], taken: dict[int, str], others: Iterable[str] = ()) -> dict[int, str]:
    """A name for each id, in this order; those in ``taken`` keep theirs, and no two ids have one name.

    ``others`` are names of other things, which none gets either.
    """
    names = dict(taken)
    used = {*taken.values(), *others}
    for number in ids:
        if number in names:
            continue
        turn = 0
        while (name := _name(number, turn)) in used:
            turn += 1
        names[number] = name
        used.add(name)
    return names


def _name(number: int, turn: int) -> str:
    """Two words; from the hundredth turn on with a number, so that there is always another one."""
    digest = hashlib.blake2b(f"{number} {turn}".encode(), digest_size=8).digest()
    first, second = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big")
    name = f"{_FIRST[first % len(_FIRST)]} {_SECOND[second % len(_SECOND)]}"
    return name if turn < 100 else f"{name} {turn - 98}"
