# 只用于命令行
shell-queue-drawing = { $job }，{ $chat } 里 { $account } 的：正在绘制
shell-queue-waiting = { $job }，{ $chat } 里 { $account } 的：第 { $place } 位，大约 { DURATION($wait) }
shell-queue-more = ……另外还有 { $count } 个请求。
