"""The words that a preview understands: what each of them says about a scene.

Every table is a slot of `Scene`: value → the words and phrases that say it, separated by commas. To teach the
preview a word, add it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

OUTSIDE: Final = {
    "sea": "sea, ocean, lighthouse, coast, cliffs, bay, harbor, harbour, pier, dock, quay, jetty"
    ", deck, lake, river, waves, tide, island, shore, marina, port, fjord, horizon, bow"
    ", lagoon",
    "beach": "beach, sand, dunes by the sea, seaside, palm, palms, surf",
    "underwater": "underwater, reef, coral, deep sea, seabed, submarine, aquarium",
    "city": "city, skyline, skyscraper, rooftop, rooftops, metropolis, downtown, tokyo, new york"
    ", manhattan, berlin, london, paris, town, towers, megacity",
    "street": "street, alley, road, sidewalk, pavement, zebra crossing, market, bazaar, square"
    ", plaza, bus stop, lane, traffic, shop front, parking lot, courtyard"
    ", storefront, neon, gas station, highway",
    "railway": "platform, railway, tracks, rails, station, level crossing, train tracks, signal box",
    "forest": "forest, woods, jungle, grove, pines, trees, rainforest, woodland, thicket, taiga",
    "garden": "garden, park, orchard, meadow, field, fields, farm, vineyard, lawn, wheat"
    ", countryside, pasture, village, prairie, playground, backyard, greenhouse",
    "hills": "mountain, mountains, hill, hills, valley, canyon, cliff, ridge, peak, summit, volcano"
    ", highlands, landscape, alps, glacier, plateau",
    "desert": "desert, dune, dunes, sahara, mars, wasteland, salt flat, arid, oasis",
    "space": "space, outer space, planet, galaxy, orbit, cosmos, nebula, asteroid, moon surface, starfield",
    "sky": "sky, clouds, above the clouds, stratosphere, airspace",
}
"""Places in the open."""

INSIDE: Final = {
    "room": "room, living room, apartment, flat, house, home, hotel room, lounge, parlor, parlour"
    ", attic, cabin, cottage, lamp room, salon, shelter, hut, waiting room, studio apartment"
    ", nursery",
    "kitchen": "kitchen, bakery, restaurant, cafe, café, bar, pub, diner, canteen, coffee shop, teahouse",
    "bedroom": "bedroom, bed, ward, hospital, dormitory, bunk",
    "office": "office, desk, laboratory, lab, classroom, library, school, control room, server room"
    ", bank, workshop, garage, factory, warehouse, studio, archive, courtroom"
    ", bridge of the ship, newsroom",
    "hall": "corridor, hallway, hall, stair, stairs, staircase, stairwell, church, cathedral"
    ", museum, art gallery, lobby, tunnel, cave, subway, elevator, prison, basement, temple"
    ", ballroom, mine, crypt, spiral stair",
    "stage": "stage, theatre, theater, concert, spotlight, arena, circus, club, podium, catwalk, boxing ring",
    "carriage": "carriage, compartment, sleeping car, dining car, sleeper car, railway car, wagon"
    ", dashboard, steering wheel, cockpit, back seat"
    ", driver's seat, train window, bus window, windshield, windscreen, rear-view mirror"
    ", rearview mirror, passenger seat, aisle seat",
    "plain": "white background, plain background, neutral background, studio background, seamless"
    ", backdrop, product shot, packshot, isolated, studio shot, cyclorama, green screen"
    ", infinity cove",
    "table": "table, tabletop, flat lay, workbench, counter, cutting board, worktop, map table",
}
"""Places under a roof."""

BUILDINGS: Final = "house, cottage, cabin, hut, church"
"""Places under a roof that are seen from outside, unless somebody or something is said to be in them."""
ENTERED: Final = "in, inside, into, within, through, of"
"""Words before a building that lead into it."""

HINTS: Final = {
    "room": "window, lamp, door, sofa, couch, armchair, fireplace, curtain, curtains, wall, floor, indoors",
    "street": "bridge, lamppost, lamp post, sign, door of a shop, puddle, umbrella, graffiti",
    "garden": "grass, flower, flowers, tree, fence",
}
"""Words that say where it is only when nothing else does."""

MARKS: Final = {
    "inside": "int, interior, inside, indoors, indoor",
    "outside": "ext, exterior, outside, outdoors, outdoor",
}

THINGS: Final = {
    "car": "car, taxi, cab, limousine, sedan, convertible, suv, jeep, automobile, truck, lorry, van, pickup",
    "bus": "bus, coach, tram, trolleybus, school bus, night bus, minibus",
    "train": "train, locomotive, metro, railcar, freight train, night train, express",
    "boat": "boat, ship, sailboat, ferry, yacht, canoe, rowing boat, trawler, vessel, raft, dinghy, steamer",
    "plane": "plane, airplane, aeroplane, aircraft, jet, drone flying, glider, airliner, biplane",
    "bicycle": "bicycle, bike, motorbike, motorcycle, scooter, cyclist",
    "rocket": "rocket, spaceship, spacecraft, satellite, shuttle, space station, capsule, starship",
    "balloon": "balloon, hot-air balloon, airship, zeppelin, kite",
    "dog": "dog, puppy, wolf, fox, coyote",
    "cat": "cat, kitten, tiger, lion, leopard",
    "horse": "horse, pony, donkey, deer, cow, stag, camel",
    "bird": "bird, birds, gull, gulls, seagull, seagulls, crow, crows, raven, owl, eagle, pigeon"
    ", pigeons, parrot, heron",
    "fish": "fish, whale, shark, dolphin, koi, turtle",
    "lighthouse": "lighthouse, beacon, lamp room",
    "house": "house, cottage, barn, farmhouse, hut, cabin, cabin in the woods, mansion, castle, chapel"
    ", church",
    "tree": "tree, lone tree, oak, old tree, apple tree, palm tree",
    "fire": "fire, campfire, bonfire, flames, burning, blaze",
    "robot": "robot, android, cyborg, automaton",
}
"""Things that are drawn where they are in the picture."""

OBJECTS: Final = {
    "bottle": "bottle, perfume, flask, vial, wine, lotion, serum, beer, shampoo, can, jar, thermos",
    "cup": "cup, mug, coffee, tea, glass of, bowl, teapot, espresso, latte, pot",
    "book": "book, letter, ticket, sheet of paper, piece of paper, scrap of paper, slip of paper, papers"
    ", notebook, diary, map, newspaper, photograph, envelope, postcard, page, log book, logbook",
    "phone": "phone, smartphone, telephone, radio, tablet, laptop, screen",
    "clock": "watch, clock, wristwatch, pocket watch, alarm clock, stopwatch",
    "lantern": "lantern, candle, torch, flashlight, matchstick, match, oil lamp",
    "box": "box, package, parcel, suitcase, bag, backpack, toolbox, gift, briefcase, crate, chest",
    "shoe": "shoe, shoes, sneaker, sneakers, boot, boots, trainers",
    "food": "cake, bread, pizza, burger, fruit, apple, pie, noodles, soup, croissant, loaf, cookie"
    ", dough, salad",
    "wheel": "steering wheel, wheel, helm, dial, gear, compass",
    "key": "key, keys, ring, coin, knife, pen, pencil, brush, tool, screwdriver, needle, sewing",
    "flower": "rose, bouquet, tulip, orchid, sunflower, vase, petals",
}
"""Things that are small enough to be held, or to stand on a table. Paper alone is what something is made of,
or drawn on: a paper boat, gouache on paper."""

TIMES: Final = {
    "night": "night, midnight, moonlight, moonlit, nocturnal, starry, neon, stars, after dark, 3 am"
    ", moon, late-night",
    "dusk": "dusk, sunset, evening, twilight, golden hour, blue hour, magic hour, nightfall, last light",
    "dawn": "dawn, sunrise, daybreak, first light, early morning, morning",
    "day": "day, noon, midday, daylight, afternoon, sunny, sunlight, bright sun, overcast, blue sky",
}
WEATHERS: Final = {
    "storm": "storm, stormy, thunderstorm, lightning, gale, hurricane, tempest, blizzard",
    "rain": "rain, rainy, raining, drizzle, downpour, wet, rain-soaked, rain on glass, puddles",
    "snow": "snow, snowy, snowing, winter, snowfall, frost, ice, icy, arctic, frozen",
    "fog": "fog, foggy, mist, misty, haze, hazy, smoke, dust, steam",
}
SIZES: Final = {
    "detail": "extreme close-up, extreme closeup, macro, insert, insert shot, detail, detail shot, ecu, xcu",
    "close": "close-up, closeup, close up, portrait, headshot, face, cu, head and shoulders, mcu"
    ", tight shot, bust, talking head, facing the camera",
    "medium": "medium shot, medium, waist up, waist-up, ms, two-shot, two shot, mid shot"
    ", over the shoulder, cowboy shot, sits at, leans over",
    "wide": "wide, wide shot, establishing, establishing shot, aerial, panorama, panoramic, vista"
    ", ws, ews, long shot, extreme wide, drone shot, bird's-eye, from above, master shot"
    ", wide angle",
}
PARTS: Final = {
    "hands": "hand, hands, fingers, fingertips, palm of, fist, finger, thumb",
    "eyes": "eye, eyes, gaze, pupil, iris, eyelid",
    "feet": "foot, feet, footsteps, shoes walking, legs",
}
"""Parts of a person that a shot may be of."""

PERSONS: Final = (
    "person, man, woman, boy, girl, child, kid, baby, lady, guy, gentleman, teenager, figure"
    ", somebody, someone, stranger, keeper, sailor, captain, pilot, driver, conductor, detective"
    ", actor, actress, singer, musician, guitarist, pianist, drummer, dancer, chef, cook, baker"
    ", waiter, waitress, doctor, nurse, teacher, student, soldier, knight, king, queen, prince"
    ", princess, wizard, witch, astronaut, scientist, engineer, mechanic, farmer, fisherman, hunter"
    ", explorer, traveller, traveler, passenger, runner, cyclist, surfer, skater, monk, priest, nun"
    ", thief, robber, guard, policeman, officer, firefighter, worker, builder, gardener, painter"
    ", artist, photographer, writer, poet, journalist, reporter, presenter, host, speaker, narrator"
    ", customer, seller, vendor, shopkeeper, barista, bartender, grandmother, grandfather, mother"
    ", father, mum, mom, dad, daughter, son, sister, brother, wife, husband, friend, hero, heroine"
    ", ghost, monster, samurai, cowboy, rider, hiker, climber, swimmer, diver, boxer, athlete, player"
    ", model, bride, groom, tailor, watchmaker, clerk, librarian, boss, businessman, businesswoman"
    ", inventor, ranger, postman, courier, nomad, walker, smith, potter, owner, operator, technician"
    ", cellist, violinist, signalman, stationmaster, protagonist"
)
PLURALS: Final = {"men": "man", "women": "woman", "children": "child", "people": "person", "wives": "wife"}
CROWDS: Final = {
    2: "couple, pair, lovers, twins, duo, both of them, each other",
    3: "family, trio, friends",
    7: "crowd, people, audience, team, crew, passengers, workers, protesters, commuters, dancers"
    ", band, orchestra, tourists, soldiers, students, villagers, extras, guests",
}
FACES: Final = "face, portrait, headshot, talking head"
"""What shows somebody, whoever that is."""
NO_NAMES: Final = "nobody, nothing, none, everything, something, everybody, everyone, anybody, anyone"
"""What begins a sentence as a name does."""
UNCOUNTED: Final = "shot, scene, take, page, act, part, panel, frame, chapter"
"""What a number after it numbers: `shot 3` has no three of anything."""
PRONOUNS: Final = {1: "he, she, his, her, him, i, me, my, you", 2: "they, them, their, we, us"}
NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "2": 2, "3": 3, "4": 4}

COLORS: Final = {
    "red": 0.99, "scarlet": 0.99, "orange": 0.07, "yellow": 0.14, "golden": 0.12, "green": 0.36,
    "teal": 0.49, "turquoise": 0.49, "blue": 0.6, "navy": 0.63, "purple": 0.76, "violet": 0.76,
    "pink": 0.91, "magenta": 0.86,
}  # fmt: skip
"""Hue of each colour, 0..1."""
GREYS: Final = {"black": 0.13, "white": 0.9, "grey": 0.5, "gray": 0.5, "silver": 0.7}
GARMENTS: Final = (
    "coat, raincoat, jacket, dress, shirt, sweater, hoodie, uniform, suit, scarf, robe, cloak"
    ", jumper, oilskins, apron, overalls, t-shirt, blouse, vest, parka, cape, kimono, gown"
)
OILSKINS: Final = "oilskins, raincoat, mackintosh, sou'wester"
OILSKIN: Final = COLORS["yellow"]
"""The hue of what these are made of."""
HATS: Final = "hat, cap, helmet, hood, beanie, beret, turban, crown"
OLD: Final = "old, elderly, aged, grandmother, grandfather, white-haired, grey-haired, gray-haired"
LONG_HAIR: Final = (
    "woman, girl, lady, she, her, queen, princess, actress, mother, grandmother, daughter, sister"
    ", wife, waitress, bride, heroine, witch, businesswoman, mum, mom, nun"
)
HAIRS: Final = {
    "red": "red-haired, redhead, red-headed, ginger, auburn",
    "blonde": "blonde, blond, fair-haired, golden-haired",
    "black": "black-haired, dark-haired, raven-haired",
    "brown": "brown-haired, brunette, chestnut-haired",
    "white": "white-haired, grey-haired, gray-haired, silver-haired",
    "none": "bald, shaven-headed",
}
"""Colour of the hair → what says it."""
BEARDED: Final = "beard, bearded, moustache, mustache"


@cache
def said(words: str) -> frozenset[str]:
    """The words and phrases of an entry."""
    return frozenset(phrase.strip() for phrase in words.split(","))


def values_of(table: Mapping[str, str], phrase: str) -> list[str]:
    """The values of a table that a phrase says."""
    return [value for value, words in table.items() if phrase in said(words)]
