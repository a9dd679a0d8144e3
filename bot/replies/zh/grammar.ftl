# 请求里哪里不对，以及改动了什么。

# 参数
fault-ambiguous-s = { $flag } 在这里有歧义：请用 --seed、--steps 或 --sampler。
fault-flag-unknown = 没有 { $flag } 这个参数。可用的有：{ $known }。
fault-flag-unknown-near = 没有 { $flag } 这个参数。是想写 { $near } 吗？
fault-flag-empty = { $flag } 后面要写值，例如 { $example }。
fault-flag-value = 看不懂“{ $flag } { $asked }”。请写成 { $example } 这样。
fault-more = ……另外还有 { $count } 处类似的错误。
note-flag-twice = { $flag } 写了不止一次，以最后一次为准。
note-midjourney-flags = 以下参数只在 Midjourney 里有意义，已忽略：{ $flags }。

# 提示词
fault-prompt-empty = 想画什么呢？请写在命令后面，例如：/draw 雪地里的红狐狸
fault-prompt-empty-image = 想把这张图改成什么样？请写在命令后面，例如：/draw 改成夜晚
fault-prompt-long = 提示词有 { $length } 个字符，最多 { $most } 个。
fault-negative-long = 负面提示词有 { $length } 个字符，最多 { $most } 个。
fault-prompt-chunks = 提示词太长，一次读不完：最多 { $most } 段，每段 75 个词元，每个 BREAK 另起一段。
note-network-ignored = 不支持 Hypernetwork，已忽略 { $tag }。
note-network-negative = 负面提示词里的 { $name } 不起作用：LoRA 要写在正面提示词里。
note-lora-partial = LoRA { $name } 只有一部分适用：{ $layers } 层里有 { $fitting } 层能用在这类模型上。
fault-lora-weight = LoRA { $name } 的权重 { $asked } 画不出图。请在 -{ $most } 到 { $most } 之间选择，通常为 1。
fault-lora-blocks = “{ $asked }”不是 LoRA { $name } 的分层权重。请写 12、17、20 或 26 个用逗号隔开的数，或者 NONE、ALL、INS、IND、INALL、MIDD、OUTD、OUTS、OUTALL 之一，或单独一层，例如 IN02。
note-lora-extra = LoRA { $name } 只按权重使用，“{ $extra }”已忽略。
note-paste-value = 不认识“{ $key }: { $asked }”，已忽略。
note-paste-unknown = 以下内容这里用不到，已忽略：{ $keys }

# 数值
fault-steps-range = { $asked } 步没法画，请选 1 到 { $most }。
fault-count-range = 没法画 { $asked } 张，请选 1 到 { $most }。
fault-cfg-range = CFG { $asked } 画不出图，请选 0 到 30，一般用 7。
fault-clip-skip-range = 没有 CLIP 跳过 { $asked } 层，请选 1 到 { $most }，1 表示不跳过。
fault-strength-percent = 重绘幅度 { $asked } 不太明确。是想写 { $meant } 吗？写成 { $asked }% 也可以。
fault-strength-range = 重绘幅度不能是 { $asked }，要大于 0、不超过 1，例如 0.6 或 60%。
fault-seed-range = { $asked } 不能当种子。种子是 0 到 { $most } 的整数；写 -1 或 random 则随机。
note-seed-wrapped = 种子超过 { $most } 后会从头循环，{ $asked } 等同于 { $used }。
fault-side-range = { $side ->
    [width] 图片宽度不能是 { $asked } 像素。
   *[height] 图片高度不能是 { $asked } 像素。
}
note-steps-clamped = 步数 { $asked } 超出上限，已改为 { $most }。
note-count-clamped = 一次最多 { $most } 张，已从 { $asked } 张改为 { $most } 张。
note-size-limit = { $asked } 已改为 { $used }：这里边长为 { $least } 到 { $most } 像素{ $megapixels }。
note-size-area = ，总共不超过 { $megapixels } 百万像素
note-size-multiple = { $asked } 已改为 { $used }：这个模型的尺寸要是 { $multiple } 的倍数。
note-strength-unused = 没有底图，重绘幅度不起作用。

# 名称
fault-sampler-unknown = 没有叫“{ $asked }”的采样器。可用的有：{ $known }。
fault-sampler-unknown-near = 没有叫“{ $asked }”的采样器。是想写 { $near } 吗？
fault-sampler-missing = 这里没有采样器 { $asked }，请从这些里选：{ $known }。
fault-schedule-unknown = 这里没有调度类型“{ $asked }”，请从这些里选：{ $known }。
fault-name-unknown = { $kind ->
    [checkpoint] 没有叫“{ $asked }”的模型。现有：{ $known }。
    [vae] 没有叫“{ $asked }”的 VAE。现有：{ $known }。
    [refiner] 没有叫“{ $asked }”的精修模型。现有：{ $known }。
   *[lora] 没有叫“{ $asked }”的 LoRA。现有：{ $known }。
}
fault-name-unknown-near = { $kind ->
    [checkpoint] 没有叫“{ $asked }”的模型。是想写 { $near } 吗？
    [vae] 没有叫“{ $asked }”的 VAE。是想写 { $near } 吗？
    [refiner] 没有叫“{ $asked }”的精修模型。是想写 { $near } 吗？
   *[lora] 没有叫“{ $asked }”的 LoRA。是想写 { $near } 吗？
}
fault-name-ambiguous = “{ $asked }”可能指以下几个，请写得更完整些：{ $known }。
fault-name-none = { $kind ->
    [checkpoint] 没有模型“{ $asked }”，这里还没装模型。
    [vae] 没有 VAE“{ $asked }”，这里还没装 VAE。
    [refiner] 没有精修模型“{ $asked }”，这里还没装适合这个模型的。
   *[lora] 没有 LoRA“{ $asked }”，这里还没装 LoRA。
}
fault-no-checkpoints = 这里还没有可用的模型，请告诉机器人的运营者。
fault-family = { $kind ->
    [embedding] 提示词里的“{ $name }”是 { $family } 的 embedding，与模型 { $checkpoint }（{ $needs }）不匹配。请去掉这个词，或者换一个模型。
   *[other] { $name } 适用于 { $family }，与模型 { $checkpoint }（{ $needs }）不匹配。
}
fault-feature = { $feature ->
    [hires] 这里暂时不支持高清修复。
    [lora] 这里暂时不支持 LoRA。
    [vae] 这里暂时不能选择 VAE。
    [clip_skip] 这里暂时不支持 CLIP 跳过层。
    [refiner] 这里暂时不支持精修模型。
   *[other] 这里暂时不支持 { $feature }。
}
note-feature = { $feature ->
    [hires] 这里暂时不支持高清修复，已按普通方式绘制。
    [lora] 这里暂时不支持 LoRA，已忽略。
    [vae] 这里暂时不能选择 VAE，已使用模型自带的。
    [clip_skip] 这里暂时不支持 CLIP 跳过层，已忽略。
    [refiner] 这里暂时不支持精修模型，已忽略。
   *[other] 这里暂时不支持 { $feature }，已忽略。
}
note-checkpoint-missing = 这里没有模型 { $asked }，改用 { $used }。
note-name-missing = { $kind ->
    [vae] 这里没有 VAE { $asked }，已使用模型自带的。
   *[lora] 这里没有 LoRA { $asked }，已忽略。
}
note-sampler-missing = 这里没有采样器 { $asked }，改用 { $used }。
note-schedule-missing = 这里没有调度类型 { $asked }，改用 { $used }。
