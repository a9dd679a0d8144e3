# 高清修复、精修模型与变异。

fault-upscaler-unknown = 这里没有放大算法“{ $asked }”，请从这些里选：{ $known }。
note-upscaler-missing = 这里没有放大算法 { $asked }，改用 { $used }。
fault-hires-range = 高清修复可以放大 1 到 { $most } 倍，不能是 { $asked } 倍。
fault-hires-steps-range = 高清修复没法画 { $asked } 步，请选 1 到 { $most }，0 表示与第一遍相同。
note-hires-limit = 高清修复的目标 { $asked } 已改为 { $used }：这里边长最多 { $most } 像素，总共不超过 { $megapixels } 百万像素。
note-hires-no-room = 没有做高清修复：{ $size } 已经是这里允许的最大尺寸。
note-hires-input = 没有做高清修复，它只用于纯文字作画。想要更大的图，请用 /upscale 回复结果。
fault-refiner-family = { $name } 适用于 { $family }，不能接着 { $checkpoint }（{ $needs }）精修。
fault-refiner-switch = 精修模型不能在 { $asked } 接手。请写大于 0、不超过 1 的步数比例，例如 0.8。
note-refiner-missing = 这里没有精修模型 { $asked }，已按普通方式绘制。
fault-checkpoint-refines = { $name } 只能接着别的模型精修，请写在 --refiner 后面。
fault-subseed-range = { $asked } 不能当变异种子。变异种子是 0 到 { $most } 的整数；写 -1 或 random 则随机。
fault-vary-range = 变异强度不能是 { $asked }，要在 0 到 1 之间，例如 0.1 或 10%。

# 再来一张、变化、放大
fault-upscale-factor = 放大倍数要大于 1，{ $asked } 倍不行，一般用 2。
fault-upscale-no-room = 这张图（{ $size }）已经是这里允许的最大尺寸。
redo-no-picture = { $command ->
    [upscale] 请用 /upscale 回复一张图片，我把它画得更大。
    [vary] 请用 /vary 回复我画的图，我再画一张相近的。
   *[again] 请用 /again 回复我画的图，我按同样的提示词再画一张。
}
redo-picture-gone = 那张图的文件已经不在磁盘上了。用 /again 可以按同样的提示词再画。
redo-source-gone = 那张图的底图已经不在了，没法照样再画。
command-again = 按同样的提示词再画一张
command-vary = 画一张相近的图
command-upscale = 把图画得更大
caption-vary = 变异种子 { $seed }，强度 { $strength }
caption-hires = 由 { $size } 高清修复，重绘幅度 { $strength }
