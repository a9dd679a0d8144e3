# 任务的消息：状态、说明、结果。
status-next = 🎨 下一个就是你，大约 { DURATION($wait) }，花费 { $price }。
status-queued = ⏳ 排在第 { $place } 位，大约 { DURATION($wait) }，花费 { $price }。
status-queued-far = ⏳ 大约排在第 { $place } 位，还需 { DURATION($wait) }左右，花费 { $price }。
status-started = 🎨 正在绘制……
status-drawing = 🎨 { $bar } { $percent }%
status-drawing-eta = 🎨 { $bar } { $percent }%，还需 { DURATION($left) }
caption-seed = 种子 { $seed }
caption-steps = { $steps } 步
caption-strength = 重绘幅度 { $strength }
seconds = { $n } 秒
minutes = { $n } 分钟
clock = { CLOCK($at, $zone) }
date = { DATE($at, $zone) } { CLOCK($at, $zone) }
hours = { $hours } 小时{ $minutes ->
    [0] {""}
   *[other] {" "}{ $minutes } 分钟
}
days = { $days } 天{ $hours ->
    [0] {""}
   *[other] {" "}{ $hours } 小时
}
button-cancel = ⛔ 取消
button-approve = ✅ 批准
button-leave = 🚪 退出
job-cancelled = 已取消，没画的部分额度已退回。
job-failed = 这张图没能画出来：{ $reason }额度已退回。（编号 { $incident }）
result-lost = 图画好了，但磁盘上的文件不见了。额度已退回。
result-unsendable = 图画好了，但这个聊天不接收任何形式的图片。额度已退回。
render-failed = 渲染程序出了问题。
render-out-of-memory = 显存不够，换个小一点的尺寸也许可以。
render-model-unavailable = 所用的模型暂时无法载入。
render-prompt-too-long = 提示词太长了，嵌入文件里的每个向量都算一个词。
render-timeout = 绘制时间过长，已被中止。
render-died = 绘制时渲染程序两次意外退出。
render-bad-output = 模型画出了空白图，换个种子或采样器也许可以。
inspection-failed = 无法检查这张图能不能发出来，原因记在运营者的日志里。
