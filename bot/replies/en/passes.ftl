# Hires fix, the refiner and variations.

fault-upscaler-unknown = There is no upscaler “{ $asked }” here. Choose one of: { $known }.
note-upscaler-missing = The upscaler { $asked } is not here; { $used } is used instead.
fault-hires-range = Hires fix enlarges 1 to { $most } times, not { $asked } times.
fault-hires-steps-range = { $asked } steps cannot be drawn in the second pass. Choose 1 to { $most }; 0 means as many as in the first.
note-hires-limit = Hires fix ends at { $used } instead of { $asked }: sides measure at most { $most } pixels here, with at most { $megapixels } megapixels in all.
note-hires-no-room = Drawn without hires fix: at { $size } the picture is as large as it may be here.
note-hires-input = Drawn without hires fix, which works on pictures from words alone. Reply with /upscale to the result for a larger one.
fault-refiner-family = { $name } is made for { $family } and cannot finish what { $checkpoint } ({ $needs }) begins.
fault-refiner-switch = A refiner cannot take over at { $asked }. Choose a share of the steps above 0 and at most 1, such as 0.8.
note-refiner-missing = Drawn without the refiner { $asked }, which is not here.
fault-checkpoint-refines = { $name } only refines what another checkpoint has begun: name it with --refiner.
fault-subseed-range = { $asked } is no variation seed. It is a whole number from 0 to { $most }; -1 or random draws one.
fault-vary-range = A variation of { $asked } does not exist. It is from 0 to 1, such as 0.1 or 10%.

# The same again, varied, or larger
fault-upscale-factor = Upscaling enlarges a picture, so { $asked } times is too little; 2 is usual.
fault-upscale-no-room = At { $size } this picture is as large as it may be here.
redo-no-picture = { $command ->
    [upscale] Reply with /upscale to a picture, and I draw it larger.
    [vary] Reply with /vary to a picture of mine, and I draw one much like it.
   *[again] Reply with /again to a picture of mine, and I draw its words once more.
}
redo-picture-gone = The file of that picture is gone from the disk. /again draws its words once more.
redo-source-gone = The picture that this one was made from is gone, so it cannot be drawn like that again.
command-again = Draw the words of a picture once more
command-vary = Draw a picture much like one of mine
command-upscale = Draw a picture larger
caption-vary = varied by seed { $seed }, { $strength }
caption-hires = hires fix from { $size }, strength { $strength }
