/** Simplified Chinese of the forms, of what is wrong in them, and of the way to air. */
export const chineseForms: Readonly<Record<string, string>> = {
  'Create flow': '创建流',
  'A flow takes one stream in, over a primary and a backup way, and sends it to as many outputs as you like. What you leave as it is here works.':
    '一个流经主、备两条通路接收一路媒体，并发送到任意多个输出。这里保持默认的设置即可使用。',
  Create: '创建',
  '1. Select a region': '1. 选择地域',
  'Where does the stream come in?': '媒体从哪里接入？',
  'The one nearest to your encoder: the way there is the one that loses packets. Fixed once created.':
    '选择离编码器最近的地域：丢包多发生在这一段路上。创建后不可更改。',
  '2. Basic information': '2. 基本信息',
  'Flow name': '流名称',
  'What your colleagues call it at night: the event and the feed, such as “Cup final, main feed”.':
    '同事在深夜也能认出的名字：活动与信号，例如“杯赛决赛，主信号”。',
  'Maximum bandwidth': '最大带宽',
  'For each pipeline. Choose one at least a fifth above what your encoder sends. Media above it is dropped, and you are told.':
    '按每条管道计。请至少比编码器的码率高出五分之一。超出的媒体会被丢弃，并会告知您。',
  '3. Input source': '3. 输入源',
  'Rename flow': '重命名流',
  Save: '保存',
  'Edit input': '编辑输入',
  'Protocol, transfer settings and the failover switch are locked while the flow runs. Stop the flow to change them. Name, allowlist, description and which input failover prefers can be changed now; a sender that is no longer allowed is let go at once.':
    '流运行时，协议、传输设置和故障切换开关被锁定。停止流后可更改。名称、白名单、描述以及故障切换的首选输入现在即可更改；不再允许的发送端会立即被断开。',
  'The protocol is fixed while the flow has an output. Delete its outputs to change it.':
    '流有输出时协议不可更改。删除其输出后方可更改。',
  '(optional)': '（可选）',
  Cancel: '取消',
  'The first choice over the internet: mends lost packets, and can be encrypted.': '公网首选：能补回丢失的包，可加密。',
  'For OBS and whatever else publishes to a URL with a stream key. In clear, over TCP.':
    '适用于 OBS 等以 URL 和串流密钥推流的程序。经 TCP 明文传输。',
  'MPEG-TS over UDP, as hardware encoders send it on managed networks. Lost packets stay lost.':
    '基于 UDP 的 MPEG-TS，硬件编码器在受控网络中这样发送。丢失的包不会补回。',
  'Input name': '输入名称',
  'Where it comes from, such as “Camera 1” or “OB van 3”. The log calls it so.':
    '信号来自哪里，例如“摄像机 1”或“转播车 3”。日志中以此名称呼。',
  Protocol: '协议',
  'Choose the one that your encoder speaks; SRT if it speaks several.': '选择编码器支持的协议；若支持多种，请选 SRT。',
  Description: '描述',
  'Whatever helps to tell this input from others: format, place, whom to call.':
    '有助于区分此输入的信息：格式、地点、联系人。',
  Decryption: '解密',
  'Turn on if your encoder encrypts what it pushes: nobody on the way can then watch it, or push in its place. Encoder and input need the same key.':
    '若编码器对推送的内容加密，请打开：途中无人能观看，也无人能冒充推流。编码器与输入须使用相同的密钥。',
  'You are given a server URL and a stream key for each pipeline; the Input tab shows them. RTMP travels in clear: over the internet SRT with a key is safer.':
    '每条管道会得到一个服务器 URL 和一个串流密钥，显示在“输入”页。RTMP 以明文传输：在公网上使用带密钥的 SRT 更安全。',
  'Bare TS over UDP, without RTP': 'UDP 裸 TS，不含 RTP',
  'Turn on if your encoder sends MPEG-TS straight in UDP datagrams. Without RTP’s numbers, datagrams that came in another order cannot be put right.':
    '若编码器直接在 UDP 数据报中发送 MPEG-TS，请打开。没有 RTP 的序号，乱序到达的数据报无法恢复顺序。',
  Failover: '故障切换',
  'On: every output, primary and backup, gets one of the two inputs. When it brings no media for 500 ms, they get the other one, without being disconnected. Off: the pipelines are independent, and what you push to one never reaches the outputs of the other.':
    '开：所有输出（主、备）都接收两个输入之一。该输入 500 ms 没有媒体时，改为接收另一个，连接不断。关：两条管道相互独立，推到一条的内容绝不会到达另一条的输出。',
  'Preferred input': '首选输入',
  'The one on air while both bring media.': '两个输入都有媒体时播出的那一个。',
  'When the preferred input is back': '首选输入恢复时',
  'Return by itself': '自动切回',
  'once it has been well for 5 s': '在其正常 5 s 之后',
  Stay: '保持',
  'until I switch back': '直到我手动切回',
  'While it is on, RTMP’s data messages, AV1 and Opus are left out: both inputs travel as MPEG-TS.':
    '打开时，RTMP 的数据消息、AV1 和 Opus 会被略去：两个输入均以 MPEG-TS 传输。',
  Latency: '延迟',
  '{initial} ms suits a round trip up to 30 ms. Increase it on a poor network; the larger of this and the encoder’s own setting counts.':
    '{initial} ms 适合不超过 30 ms 的往返时间。网络较差时请调大；以此值与编码器设置中较大者为准。',
  'What latency to choose': '如何选择延迟',
  'It is how long both ends keep packets, so that lost ones can be sent again. Each try takes one round trip, so give it 4 to 5 of them, and never less than {initial} ms.':
    '延迟是两端保存包的时长，以便重发丢失的包。每次重发需要一个往返时间，因此请给 4 到 5 个往返时间，且不少于 {initial} ms。',
  'The round trip is the “time=” that ping shows for the input address, which you are given once the flow is created. An example: time=40 ms, so 160 to 200 ms. You can change it while the flow is stopped, or leave it and raise it on the encoder.':
    '往返时间即对输入地址执行 ping 时显示的“time=”，创建流后会给出该地址。例如 time=40 ms，则取 160 到 200 ms。可在流停止时更改，也可保持不变而在编码器上调大。',
  'IP allowlist (CIDR)': 'IP 白名单（CIDR）',
  'Only these addresses may push. Ranges of addresses, one a line or with ; or , between.':
    '只有这些地址可以推流。地址段每行一个，或以 ; 或 , 分隔。',
  'This browser comes from {range}; an encoder elsewhere has another address.':
    '本浏览器来自 {range}；位于别处的编码器地址不同。',
  'What CIDR means': 'CIDR 是什么',
  'Only my present address': '仅限我当前的地址',
  'An address, a slash, and how many of its first bits count:': '一个地址、一条斜线，以及前多少位有效：',
  'this one address': '仅此一个地址',
  'the 256 addresses from 203.0.113.0 to 203.0.113.255': '从 203.0.113.0 到 203.0.113.255 的 256 个地址',
  'a network of IPv6': '一个 IPv6 网络',
  'every IPv4 address: anybody may try. Set a key then.': '所有 IPv4 地址：任何人都可尝试。此时请设置密钥。',
  'Make a key': '生成密钥',
  'Made, and copied. Give it to the other end: once saved, it is not shown again.':
    '已生成并复制。请将其交给对端：保存后不再显示。',
  'Made. Copy it now and give it to the other end: once saved, it is not shown again.':
    '已生成。请立即复制并交给对端：保存后不再显示。',
  '{min} to {max} characters: letters, digits, signs and spaces of ASCII.':
    '{min} 到 {max} 个字符：ASCII 的字母、数字、符号和空格。',
  Key: '密钥',
  'A key is set. Leave this empty to keep it.': '已设置密钥。留空则保持不变。',
  'Key length': '密钥长度',
  'The same as on the other end. AES-256 is the safest, and costs no time.':
    '须与对端相同。AES-256 最安全，且不增加时延。',
  'How long both ends keep packets, so that lost ones can be sent again: 4 to 5 round trips (ping the receiver), and never below 120 ms. The larger of this and the receiver’s own setting counts.':
    '两端保存包的时长，以便重发丢失的包：取 4 到 5 个往返时间（对接收端执行 ping），且不低于 120 ms。以此值与接收端设置中较大者为准。',
  'To a receiver that listens for SRT.': '发往监听 SRT 的接收端。',
  'To a platform or server with a URL and a stream key.': '发往以 URL 和串流密钥接收的平台或服务器。',
  'MPEG-TS over UDP, to one address or a multicast group.': '基于 UDP 的 MPEG-TS，发往一个地址或组播组。',
  'Edit output': '编辑输出',
  'Create output': '创建输出',
  Confirm: '确认',
  'Outputs are locked while the flow runs. Stop the flow to create, edit or delete one.':
    '流运行时输出被锁定。停止流后方可创建、编辑或删除输出。',
  'Output name': '输出名称',
  'Who receives it, such as “Studio Frankfurt”. The log calls it so.':
    '由谁接收，例如“法兰克福演播室”。日志中以此名称呼。',
  'Whatever helps at night: whom to call at the other end.': '深夜有用的信息：对端该找谁。',
  Destinations: '目的地',
  'Failover is on: both destinations get the input that is on air, whichever it is.':
    '故障切换已打开：两个目的地都接收正在播出的输入，无论是哪一个。',
  'What you push to the primary input goes to the primary destination, what you push to the backup input to the backup destination. The two never mix.':
    '推到主输入的内容发往主目的地，推到备输入的内容发往备目的地。两者从不混合。',
  'Output region': '输出地域',
  'Where the stream leaves: the one nearest to the receiver. Fixed once created.':
    '媒体从哪里送出：选择离接收端最近的地域。创建后不可更改。',
  'Fixed once created. RTP is not offered: a flow with an SRT input cannot have an RTP output.':
    '创建后不可更改。不提供 RTP：输入为 SRT 的流不能有 RTP 输出。',
  'Fixed once created.': '创建后不可更改。',
  'Region {region} and protocol {protocol} are fixed. Create another output to send from elsewhere or in another way.':
    '地域 {region} 和协议 {protocol} 不可更改。若要从别处或以其他方式发送，请另建输出。',
  'Backup destination': '备目的地',
  'Primary destination': '主目的地',
  'IP address or host name': 'IP 地址或主机名',
  'Without port or URL parts, such as 203.0.113.7.': '不含端口或 URL 的其他部分，例如 203.0.113.7。',
  Port: '端口',
  'Server URL': '服务器 URL',
  'As the platform shows it, without the stream key. rtmps:// is encrypted.':
    '按平台所示填写，不含串流密钥。rtmps:// 为加密传输。',
  'Stream key': '串流密钥',
  'Kept secret, and never shown again.': '保密存放，不再显示。',
  Transfer: '传输',
  'Enable Encryption': '启用加密',
  'Encrypts what is sent. The receiver needs the same key and key length.':
    '对发送的内容加密。接收端须使用相同的密钥和密钥长度。',
  'A URL that begins with rtmps:// is sent encrypted, and the certificate of the server is verified. H.264, HEVC and AAC go through as they are; what RTMP cannot carry, such as AC-3 or SCTE-35, is left out and listed under Recent events.':
    '以 rtmps:// 开头的 URL 加密发送，并验证服务器证书。H.264、HEVC 和 AAC 原样通过；RTMP 不能承载的内容（如 AC-3 或 SCTE-35）会被略去，并列在“最近事件”中。',
  'Multicast TTL': '组播 TTL',
  'How many routers a datagram to a multicast group (224.0.0.0/4 or ff00::/8) may pass. Other addresses ignore it.':
    '发往组播组（224.0.0.0/4 或 ff00::/8）的数据报可经过多少个路由器。其他地址忽略此项。',
  'Turn on if the receiver expects MPEG-TS straight in UDP datagrams.':
    '若接收端要求直接在 UDP 数据报中接收 MPEG-TS，请打开。',
  'Primary input': '主输入',
  'Backup input': '备输入',
  primary: '主',
  backup: '备',
  'of the primary input': '（主输入）',
  'of the backup input': '（备输入）',
  'Input source': '输入源',
  Edit: '编辑',
  Name: '名称',
  'Input ID': '输入 ID',
  On: '开',
  Off: '关',
  'Off: the pipelines are independent': '关：两条管道相互独立',
  'On, key of {bits} bits': '开，{bits} 位密钥',
  Format: '格式',
  'Bare TS over UDP': 'UDP 裸 TS',
  'TS in RTP': 'RTP 承载 TS',
  'Push here': '推流到这里',
  'to the primary input': '（主输入）',
  'to the backup input': '（备输入）',
  'Take the part of your encoder. Lines push the file clip.ts: put your own source in its place.':
    '请展开您所用编码器的部分。命令行推送的是文件 clip.ts：请换成您自己的信号源。',
  'QR code of the address': '地址二维码',
  'For a phone or an encoder with a camera. There is no key in it.': '供手机或带摄像头的编码器扫描。其中不含密钥。',
  'In these lines put the stream key in the place of {place}.': '请将这些命令行中的 {place} 换成串流密钥。',
  'Put your key in the place of {place}; write characters such as & or % as in a URL.':
    '请将 {place} 换成您的密钥；& 或 % 等字符须按 URL 的写法。',
  'Put the stream ID in the place of {place}: ffmpeg takes it as it is.': '请将 {place} 换成流 ID：ffmpeg 按原样读取。',
  'Idle timeout': '空闲超时',
  'None: leave it empty': '无：留空',
  'The key that you set for this input': '您为此输入设置的密钥',
  'The stream key above': '上方的串流密钥',
  Address: '地址',
  Passphrase: '口令',
  'Settings, Stream, Service “Custom…”': '设置 → 直播，服务选“自定义…”',
  Server: '服务器',
  'Settings, Outputs, the cog of an output, SRT on': '设置 → 输出，点某个输出的齿轮，打开 SRT',
  Type: '类型',
  'Hardware encoder': '硬件编码器',
  'Protocol SRT, mode Caller': '协议 SRT，模式 Caller',
  'Stream ID': '流 ID',
  'Settings of “Stream”, destination “Custom RTMP Server”': '“Stream”的设置，目的地选“Custom RTMP Server”',
  'Protocol RTMP. Where it asks for one URL alone, append a slash and the stream key.':
    '协议 RTMP。若只要求一个 URL，请在其后加斜线和串流密钥。',
  'Protocol MPEG-TS over UDP, without RTP': '协议为 UDP 上的 MPEG-TS，不含 RTP',
  'Protocol MPEG-TS over RTP': '协议为 RTP 上的 MPEG-TS',
  'TS packets per datagram': '每个数据报的 TS 包数',
  'Give this flow an SRT or RTMP input: they stream by these.': '请将此流的输入设为 SRT 或 RTMP：它们以此推流。',
  'To go on air': '开播步骤',
  'Add an output': '添加输出',
  'Start the flow': '启动流',
  'Push your stream': '推送媒体',
  done: '已完成',
  'to do now': '现在要做',
  later: '稍后',
  'One output is set.': '已设置 1 个输出。',
  '{count} outputs are set.': '已设置 {count} 个输出。',
  'Where the stream goes. A flow without outputs cannot be started.': '媒体发往哪里。没有输出的流不能启动。',
  'It is being set up on its relays.': '正在中继上建立。',
  'It runs: its inputs listen.': '正在运行：输入正在监听。',
  'It is being stopped.': '正在停止。',
  'Inputs listen only while their flow runs: an encoder that pushes now is refused.':
    '输入只在流运行时监听：现在推流的编码器会被拒绝。',
  'Inputs listen only while their flow runs: an encoder that pushes now gets no answer.':
    '输入只在流运行时监听：现在推流的编码器得不到应答。',
  'To the addresses below, as soon as the flow runs. What you need is under “Push here”.':
    '流运行后，推送到下方的地址。所需的设置在“推流到这里”中。',
  'Nobody has called yet. Look at address and port, and that TCP may pass the firewalls.':
    '尚无人呼叫。请检查地址和端口，以及防火墙是否放行 TCP。',
  'Nobody has called yet. Look at address and port, and that UDP may pass the firewalls.':
    '尚无人呼叫。请检查地址和端口，以及防火墙是否放行 UDP。',
  'Your stream is here.': '您的媒体已到达。',
  'Its format is being looked for.': '正在识别其格式。',
  'Nothing arrives at the backup input.': '备输入没有收到媒体。',
  'Nothing arrives at the primary input.': '主输入没有收到媒体。',
  Start: '启动',
  'Some fields need another look.': '有些字段需要再看一下。',
  'Enter a name.': '请输入名称。',
  'A name has 64 characters or fewer.': '名称不超过 64 个字符。',
  'A name is one line without control characters.': '名称为一行，不含控制字符。',
  'A description has 256 characters or fewer.': '描述不超过 256 个字符。',
  'A description is one line without control characters.': '描述为一行，不含控制字符。',
  'Choose a region.': '请选择地域。',
  'Choose a maximum bandwidth.': '请选择最大带宽。',
  'Latency is a whole number of ms.': '延迟为整数毫秒。',
  'Latency is 20 ms or more.': '延迟不低于 20 ms。',
  'Latency is 3000 ms or less.': '延迟不超过 3000 ms。',
  'The key has 10 to 79 printable ASCII characters.': '密钥为 10 到 79 个可打印的 ASCII 字符。',
  'The key length is 128, 192 or 256 bits.': '密钥长度为 128、192 或 256 位。',
  'TTL is a whole number.': 'TTL 为整数。',
  'TTL is 1 or more.': 'TTL 不小于 1。',
  'TTL is 255 or less.': 'TTL 不大于 255。',
  'Enter an IP address or a host name, without port or URL parts.':
    '请输入 IP 地址或主机名，不含端口或 URL 的其他部分。',
  'A port is a whole number.': '端口为整数。',
  'A port is 1 to 65535.': '端口为 1 到 65535。',
  'Enter at least one address range; 0.0.0.0/0 lets every address push.':
    '请至少输入一个地址段；0.0.0.0/0 允许所有地址推流。',
  'An allowlist has 64 ranges or fewer.': '白名单不超过 64 个地址段。',
  'An allowlist entry is an address range such as 203.0.113.0/24.': '白名单的每一项是一个地址段，例如 203.0.113.0/24。',
  'The address has bits set beyond its prefix. Write the network address itself.':
    '地址在前缀之外还有非零位。请写网络地址本身。',
  'A URL has 512 characters or fewer.': 'URL 不超过 512 个字符。',
  'Enter a URL such as rtmps://live.example.com/app, without the stream key.':
    '请输入 rtmps://live.example.com/app 这样的 URL，不含串流密钥。',
  'The host or the port of this URL cannot be.': '此 URL 的主机或端口无效。',
  'Enter the stream key.': '请输入串流密钥。',
  'A stream key has 512 characters or fewer.': '串流密钥不超过 512 个字符。',
  'A stream key has no spaces and only ASCII characters.': '串流密钥不含空格，且只含 ASCII 字符。',
  'Enter a stream key: there is none to keep.': '请输入串流密钥：没有可保留的。',
  'Enter a key: there is none to keep.': '请输入密钥：没有可保留的。',
  'Emptied with the refused form. Type it again.': '表单被拒绝时已清空。请重新输入。',
  'This destination is an input address of this server: the stream would go round for ever.':
    '此目的地是本服务器的输入地址：媒体将无休止地循环。',
  'Another pipeline of this flow already sends to this address and port.': '此流的另一条管道已发往该地址和端口。',
  'A flow with an SRT input cannot have an RTP output. Choose SRT.': '输入为 SRT 的流不能有 RTP 输出。请选择 SRT。',
  'The input protocol is fixed once the flow has an output. Delete its outputs first.':
    '流有输出后输入协议不可更改。请先删除其输出。',
  'Outputs cannot be created, edited or deleted while the flow runs. Stop the flow first.':
    '流运行时不能创建、编辑或删除输出。请先停止流。',
};
