"""Ordinary Stable Diffusion prompts, composed of what people really put into them."""

import random
from collections.abc import Iterator

QUALITY = """masterpiece; best quality; highly detailed; 8k uhd; dslr; RAW photo; sharp focus; absurdres;
highres; official art; extremely detailed CG unity 8k wallpaper; trending on artstation; 4k; HDR;
(masterpiece:1.2); ((best quality)); [blurry background]; film grain; Fujifilm XT3; f/1.8; 85mm lens;
shot on Canon EOS 5D; octane render; unreal engine 5; ray tracing; volumetric lighting; bokeh; ultra
realistic; photorealistic; intricate; cinematic lighting; golden hour; rim light; score_9; score_8_up;
source_anime; newest; very aesthetic; ISO 100; 1920x1080; 16:9; 35mm; sRGB; vivid colors""".split(";")
PEOPLE = """1girl, solo; 1boy, solo; 2girls; 6+girls; multiple boys; an old man; a young woman; a knight
in armour; a witch; an elf ranger; a samurai; a nurse; a baker; portrait of a king; a 25 year old woman;
a woman, 30 years old; a grandmother; an astronaut; a ballerina; a mother with her child; a child on a
swing; two kids playing football; a schoolgirl reading a book; a teenage boy with a skateboard; a baby
sleeping in a crib; students in a classroom; a 12 year old boy with a kite; a cheerleader; a mermaid;
一个美丽的女孩; 一位老人; 少女，独奏; 宇航员; 小女孩放风筝; a statue of David; Venus de Milo; a swimmer; a gymnast;
a sumo wrestler; a dancer; a model on the runway; a boxer; a bride; a priest; hatsune miku""".split(";")
BODY = """bare shoulders; collarbone; long hair; blue eyes; medium breasts; large breasts; small breasts; bare
feet; barefoot; thighs; zettai ryouiki; midriff; navel; abs; muscular; broad chest; long legs; slender
waist; hands on hips; crossed arms; looking at viewer; open mouth; blush; smile; closed eyes; parted lips;
nude lipstick; freckles; pale skin; tanned skin; wet hair; detailed hands; five fingers; detailed anatomy;
human skull; anatomy study; marble torso; classical sculpture; back muscles; armpits; neck; hair over one
eye; huge ahoge; twintails; pointy ears; cat ears; fang; sweat; tears; cleft chin; dimples; 长发; 蓝眼睛; 微笑;
full body; upper body; cowboy shot; from behind; from below; dutch angle; close-up; hips""".split(";")
CLOTHES = """red dress; school uniform; serafuku; white shirt; pleated skirt; thighhighs; pantyhose; kimono;
swimsuit; bikini at the beach; one-piece swimsuit; off-shoulder sweater; crop top; leather jacket; bodysuit;
armor; cloak; hoodie; jeans; evening gown; corset; high heels; boots; gloves; choker; hat; apron; lace;
business suit; wedding dress; plate armour; sundress; turtleneck; tank top; sleeveless; bare arms; shorts;
nude colored heels; cheongsam; 旗袍; 汉服; 白色连衣裙; military uniform; spacesuit; pajamas; miniskirt""".split(";")
PLACES = """in a field of grass; under cherry blossoms; on a snowy mountain; in the rain; city street at night;
cyberpunk alley; in a library; at the beach; in an onsen, steam; bathroom, mirror; on a bed, white sheets; in
a garden; castle ruins; a bathhouse; underwater; in a bar; cockpit of a plane; a cathedral in Essex; harbour
of Sussex; a classroom; a hospital; desert, sand dunes; a battlefield, smoke; graveyard, fog; forest glade; a
Chinese temple; 花园里; 雪山; 海边日落; 城市夜景; 樱花树下; outer space; a kitchen; butcher's shop; a blood moon""".split(
    ";"
)
THINGS = """a cocker spaniel; a peacock; cumulus clouds; a cocktail; grapes; a bass guitar; a glass of wine; a
12 year old whisky; assassin's creed; a butterfly; buttercups; a shuttlecock; a titan; a sword dripping red; a
skull; a dragon; a robot; a black cat; a red fox; a great tit on a branch; pussy willow; a canal; an analog
camera; a scarecrow; a torch; a knife on a board; a Christmas tree; shiitake mushrooms; a document; a trapeze;
raccoon; zombie; vampire, fangs; demon horns; angel wings; a rooster; a donkey; a hooked nose; a cactus""".split(";")
STYLES = """by Greg Rutkowski; in the style of Monet; watercolor; oil painting; ukiyo-e; art nouveau; pixel art;
studio ghibli; line art; concept art; isometric; by Alphonse Mucha; sketch; impasto; low poly; baroque; 水墨画;
油画; David Lynch style; Hitchcock film still; Van Dyck portrait; comic strip; manga; vaporwave; by Egon Schiele;
[monet:picasso:0.5]; [cat|dog]; BREAK; <lora:add_detail:0.7>; <lora:film_grain_v2:0.4>; embedding:easy""".split(";")
NEGATIVE = """lowres; bad anatomy; bad hands; text; error; missing fingers; extra digit; cropped; worst quality; low
quality; jpeg artifacts; signature; watermark; blurry; nsfw; nude; naked; nipples; child; loli; blood; gore;
mutated hands; poorly drawn face; ugly; disfigured; deformed; extra limbs; duplicate; morbid; mutilated; out of
frame; long neck; cloned face; gross proportions; malformed limbs; fused fingers; EasyNegative; cleavage;
underwear; dead; fat; sexual; 低质量; 模糊; 裸体; (worst quality:1.4)""".split(";")


def _clean(items: list[str]) -> list[str]:
    return [" ".join(item.split()) for item in items]


def ordinary(count: int = 1000, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Prompts and negative prompts; the same ones for the same seed."""
    draw = random.Random(seed)
    kinds = [(QUALITY, 4), (PEOPLE, 1), (BODY, 4), (CLOTHES, 2), (PLACES, 1), (THINGS, 1), (STYLES, 2)]
    for _ in range(count):
        parts: list[str] = []
        for items, most in kinds:
            parts += draw.sample(_clean(items), draw.randint(0, most))
        draw.shuffle(parts)
        yield ", ".join(parts), ", ".join(draw.sample(_clean(NEGATIVE), draw.randint(0, 12)))
