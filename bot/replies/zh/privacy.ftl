# 保留了成员的哪些数据，以及 /forget。

command-privacy = 查看我保留了你的哪些数据
command-forget = 删除你的图片和提示词
command-admin = 给本群管理员：额度、封禁、暂停、记录

privacy-intro = 我保留的数据如下，全部存放在运行我的那台机器上：
privacy-requests = • 你的请求：文字、参数、当时的名字、所在的聊天和消息编号。保留到你使用 /forget 为止。
privacy-pictures = • 我画的图和你给我的图：保留 { $days } 天；总量超过 { $gb } GB 时，从最旧的开始删。图片记录里的文字随请求一起保留。
privacy-credits = • 每个请求花了多少额度，管理员给你的限额、赠送和账号关联，你上次提出请求的时间，以及你在队列里的次序。这些会一直保留，因为账目必须对得上。
privacy-bans = • 封禁及其原因。/forget 不会删除。
privacy-strikes = • 你被拒绝的请求：时间、所在的聊天、类别和文字的指纹；文字本身按运营者的设置只保留几天，/forget 也会删除。其余的 /forget 不会删除。
privacy-settings = • 你用 /settings 设定的默认值。保留到你修改或使用 /forget 为止。
privacy-presets = • 你用 /preset 保存的预设。保留到你删除或使用 /forget 为止。
privacy-reports = • 你举报过哪些图、什么时候举报的。/forget 之后即删除。本群管理员能在操作记录里看到，那份记录会保留。
privacy-names = • 你在我服务的聊天里说过话这件事、你的 @用户名、语言，以及怎样私聊你。除第一项外，/forget 都会删除。
privacy-chats = • 邀请过我的聊天：编号、标题、设置。
privacy-inbox = • 平台发给我的内容：处理完就删，只有几秒钟。读不懂的消息会保留 { $days } 天，以便查出问题。
privacy-admin = • 管理员用命令做过的事：谁、何时、对谁、之前和之后。会一直保留。
privacy-log = • 我的日志里有账号编号和请求的结果，没有提示词。日志保留多久取决于运营者的机器。
privacy-who = 谁能看到：运行我的人能看到全部；群管理员能看到在该群用命令做过的事；其他人都看不到，我也不会把数据发给任何人。发到聊天里的内容，则由聊天平台保存。
privacy-forget = 用 /forget 可以删除你的图片和文字。想要一份我所保留的数据，请找运营者。

forget-confirm = 这会删除你在这里的全部图片和提示词，以及你的名字；还在排队的请求会被取消。已经用掉的额度仍然计入。删除后无法恢复。确定要删，请发送：/forget 是
forget-linked = 以下账号都是你的，会一起删除：{ $accounts }
forget-done = 已删除：{ $requests } 个请求、{ $pictures } 个图片文件。
forget-cancelled = 取消了 { $count } 个请求，一小时之内也会删除。
forget-later = 还有 { $count } 个请求正在收尾，一小时之内也会删除。
forget-stays = 我在聊天里发过的消息不会消失：请自己删除，或请管理员删除。如果别人在你的图上继续画过，那张图会作为他们的底图保留。
forget-nothing = 你在这里没有请求。你的名字和设置（如果有的话）已经删除。
