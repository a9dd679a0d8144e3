"""What the demo model is taught: objects, colours and scenes, in English and Simplified Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """One object: its emoji code point, its names (the first one is the main name)."""

    code: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    recolour: bool = True

    @property
    def name(self) -> str:
        return self.en[0]


@dataclass(frozen=True)
class Colour:
    """A named colour and the RGB value that objects and plain backgrounds take."""

    name: str
    zh: str
    rgb: tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """A painted background and the phrases that call for it (the first one is the main one)."""

    name: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    weight: float = 1.0


def _thing(code: str, en: str, zh: str, recolour: bool = True) -> Thing:
    return Thing(code, tuple(en.split("/")), tuple(zh.split("/")), recolour)


OBJECTS: tuple[Thing, ...] = (
    _thing("1f34e", "apple", "苹果"),
    _thing("1f34c", "banana", "香蕉"),
    _thing("1f353", "strawberry", "草莓"),
    _thing("1f352", "cherry/cherries", "樱桃"),
    _thing("1f347", "grapes/grape", "葡萄"),
    _thing("1f349", "watermelon", "西瓜", False),
    _thing("1f34b", "lemon", "柠檬"),
    _thing("1f350", "pear", "梨/梨子"),
    _thing("1f34d", "pineapple", "菠萝"),
    _thing("1f955", "carrot", "胡萝卜"),
    _thing("1f344", "mushroom", "蘑菇"),
    _thing("1f355", "pizza", "披萨/比萨", False),
    _thing("1f354", "hamburger/burger", "汉堡/汉堡包", False),
    _thing("1f382", "cake/birthday cake", "蛋糕/生日蛋糕"),
    _thing("1f366", "ice cream", "冰淇淋/冰激凌"),
    _thing("1f369", "donut/doughnut", "甜甜圈"),
    _thing("1f431", "cat/kitten/cat face", "猫/小猫/猫咪"),
    _thing("1f436", "dog/puppy/dog face", "狗/小狗"),
    _thing("1f98a", "fox", "狐狸"),
    _thing("1f43c", "panda", "熊猫", False),
    _thing("1f43b", "bear", "熊"),
    _thing("1f430", "rabbit/bunny", "兔子"),
    _thing("1f437", "pig", "猪/小猪"),
    _thing("1f438", "frog", "青蛙"),
    _thing("1f981", "lion", "狮子"),
    _thing("1f427", "penguin", "企鹅"),
    _thing("1f424", "chick/bird", "小鸡/鸟"),
    _thing("1f989", "owl", "猫头鹰"),
    _thing("1f41f", "fish", "鱼"),
    _thing("1f433", "whale", "鲸鱼"),
    _thing("1f419", "octopus", "章鱼"),
    _thing("1f422", "turtle", "乌龟"),
    _thing("1f98b", "butterfly", "蝴蝶"),
    _thing("1f33c", "flower", "花/花朵"),
    _thing("1f33b", "sunflower", "向日葵", False),
    _thing("1f337", "tulip", "郁金香"),
    _thing("1f333", "tree", "树/大树"),
    _thing("1f384", "christmas tree", "圣诞树", False),
    _thing("1f335", "cactus", "仙人掌"),
    _thing("1f319", "moon/crescent moon", "月亮"),
    _thing("2b50", "star", "星星"),
    _thing("2764", "heart", "爱心/心"),
    _thing("2601", "cloud", "云/云朵"),
    _thing("26c4", "snowman", "雪人", False),
    _thing("1f525", "fire/flame", "火/火焰"),
    _thing("1f4a7", "water drop/droplet", "水滴"),
    _thing("1f697", "car/automobile", "汽车/车"),
    _thing("1f68c", "bus", "公交车/巴士"),
    _thing("1f680", "rocket", "火箭"),
    _thing("26f5", "sailboat/boat", "帆船/船"),
    _thing("1f3e0", "house", "房子"),
    _thing("1f3f0", "castle", "城堡"),
    _thing("1f916", "robot", "机器人"),
    _thing("1f47b", "ghost", "幽灵/鬼"),
    _thing("1f47d", "alien", "外星人"),
    _thing("1f480", "skull", "骷髅"),
    _thing("1f451", "crown", "皇冠"),
    _thing("1f48e", "diamond/gem", "钻石/宝石"),
    _thing("1f388", "balloon", "气球"),
    _thing("1f381", "gift/present", "礼物"),
    _thing("2602", "umbrella", "雨伞/伞"),
    _thing("1f514", "bell", "铃铛"),
    _thing("26bd", "soccer ball/football", "足球"),
    _thing("1f383", "pumpkin/jack-o-lantern", "南瓜"),
)

COLOURS: tuple[Colour, ...] = (
    Colour("red", "红色", (222, 50, 48)),
    Colour("orange", "橙色", (246, 140, 40)),
    Colour("yellow", "黄色", (250, 212, 60)),
    Colour("green", "绿色", (78, 176, 84)),
    Colour("blue", "蓝色", (58, 122, 232)),
    Colour("purple", "紫色", (144, 84, 212)),
    Colour("pink", "粉色", (250, 146, 192)),
    Colour("black", "黑色", (40, 40, 46)),
    Colour("white", "白色", (240, 240, 244)),
    Colour("gray", "灰色", (148, 150, 156)),
    Colour("brown", "棕色", (140, 90, 58)),
)

SCENES: tuple[Scene, ...] = (
    Scene("beach", ("on the beach", "at the beach"), ("在海滩上", "在沙滩上"), 1.5),
    Scene("snow", ("in the snow", "in winter"), ("在雪地里", "在雪中"), 1.5),
    Scene("space", ("in space", "in outer space"), ("在太空中", "在太空"), 1.5),
    Scene("night", ("at night", "under the moon and stars"), ("在夜晚", "在夜里"), 1.5),
    Scene("meadow", ("in a meadow", "on the grass"), ("在草地上",)),
    Scene("forest", ("in the forest", "in the woods"), ("在森林里",)),
    Scene("sunset", ("at sunset", "in front of the sunset"), ("在日落时",)),
    Scene("underwater", ("underwater", "under the sea"), ("在海底", "在水下")),
    Scene("city", ("in the city", "on a city street"), ("在城市里",)),
    Scene("desert", ("in the desert",), ("在沙漠里",), 0.5),
    Scene("rainbow", ("under a rainbow",), ("在彩虹下",), 0.5),
    Scene("rain", ("in the rain",), ("在雨中",), 0.5),
)

THING_BY_NAME = {thing.name: thing for thing in OBJECTS}
COLOUR_BY_NAME = {colour.name: colour for colour in COLOURS}
SCENE_BY_NAME = {scene.name: scene for scene in SCENES}


def held_out(thing: str, other: str) -> bool:
    """True for the one in eight combinations of an object with a colour or scene kept for testing.

    The choice depends on the names only, so that composing and evaluating always agree.
    """
    value = 0
    for letter in f"{thing}|{other}":
        value = (value * 131 + ord(letter)) % 1_000_003
    return value % 8 == 3
