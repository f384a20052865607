/** Refusals, and faults of fields, in Simplified Chinese. */
export const refusals: Readonly<Record<string, string>> = {
  'Some fields need another look.': '部分字段需要修改。',
  'There is no flow with this id. It may have been deleted.': '没有此 ID 的流，可能已被删除。',
  'This flow has no output with this id. It may have been deleted.': '此流没有该 ID 的输出，可能已被删除。',
  'There is no such region. GET /api/v1/regions lists them.': '没有此地域。可通过 GET /api/v1/regions 查看列表。',
  'This maximum bandwidth is not offered here. The operator sets the choices.':
    '此处不提供该最大带宽，可选值由运营者设定。',
  'An allowlist entry is an address range such as 203.0.113.0/24.': '白名单条目须为地址段，例如 203.0.113.0/24。',
  'The address has bits set beyond its prefix. Write the network address itself.':
    '该地址在前缀之外还有置位的比特。请填写网络地址本身。',
  'This field belongs to another protocol. Leave it out.': '此字段属于其他协议，请去掉。',
  'Enter a stream key: there is none to keep.': '请输入推流密钥：没有可沿用的密钥。',
  'This flow has no failover, so there is nothing to switch. Turn failover on first.':
    '此流未启用主备切换，无从切换。请先开启主备切换。',
  'Only a running flow can be switched. Start the flow first.': '只有运行中的流可以切换。请先启动流。',
  'The range ends before it begins. Exchange its two times.': '结束时间早于开始时间，请对调两个时间。',
  'A range is shorter than 24 hours. Ask for several.': '时间范围须短于 24 小时，请分多次查询。',
  'The range begins before the days that are kept. Begin it later.': '开始时间早于保留天数，请推后开始时间。',
  'No media arrives at this input now, so there is nothing to see. Ask again when it is connected.':
    '此输入目前没有媒体数据，无可预览。请在连接后再试。',
  'Too many previews are open on this server. Close one of them first.': '此服务器上打开的预览过多，请先关闭一个。',
  'This preview is over. Open it again from the page of the flow.': '此预览已结束，请从流的页面重新打开。',
  'This is no cursor of ours. Take it from the page before, or leave it out.':
    '该游标无效。请使用上一页给出的游标，或去掉它。',
  'The kept history cannot be read or written now. The media is not touched; try again, and look at the disk.':
    '目前无法读写历史数据，媒体传输不受影响。请重试，并检查磁盘。',
  'Enter a key: there is none to keep.': '请输入密钥：没有可沿用的密钥。',
  'This destination is an input address of this server: the stream would go round for ever.':
    '此目标是本服务器的输入地址，流会无限循环。',
  'Another pipeline of this flow already sends to this address and port.': '此流的另一路已向该地址和端口发送。',
  'A flow with an SRT input cannot have an RTP output. Choose SRT.': 'SRT 输入的流不能有 RTP 输出，请选择 SRT。',
  'The input protocol is fixed once the flow has an output. Delete its outputs first.':
    '流有输出后，输入协议不可更改。请先删除其输出。',
  'What shapes the link of an input, and failover, can be changed only while the flow is idle. Stop the flow first.':
    '输入的链路参数和主备切换只能在流空闲时更改。请先停止流。',
  'Outputs cannot be created, edited or deleted while the flow runs. Stop the flow first.':
    '流运行时不能创建、编辑或删除输出。请先停止流。',
  'The region of an output is fixed. Create another output in the other region.':
    '输出的地域不可更改。请在另一地域新建输出。',
  'The protocol of an output is fixed. Create another output with the other protocol.':
    '输出的协议不可更改。请用另一协议新建输出。',
  'A flow has 64 outputs at most. Delete one, or create another flow.':
    '一个流最多 64 个输出。请删除一个，或新建另一个流。',
  'A flow without outputs cannot be started. Create an output first.': '没有输出的流不能启动。请先创建输出。',
  'Only an idle flow can be deleted. Stop the flow first.': '只能删除空闲的流。请先停止流。',
  'No free UDP port is left for this flow. Widen STREAMLINK_PORT_RANGE or delete a flow.':
    '此流已无空闲的 UDP 端口。请扩大 STREAMLINK_PORT_RANGE，或删除一个流。',
  'No free TCP port is left for RTMP. Widen STREAMLINK_RTMP_PORT_RANGE, or end the programs that hold its ports.':
    'RTMP 已无空闲的 TCP 端口。请扩大 STREAMLINK_RTMP_PORT_RANGE，或结束占用其端口的程序。',
  'The database cannot be written, so nothing was changed. Free space on its disk, then try again.':
    '无法写入数据库，未作任何更改。请释放磁盘空间后重试。',
  'A name has 64 characters or fewer.': '名称不超过 64 个字符。',
  'A name is one line without control characters.': '名称须为一行，不含控制字符。',
  'A description has 256 characters or fewer.': '描述不超过 256 个字符。',
  'A description is one line without control characters.': '描述须为一行，不含控制字符。',
  'Enter a name.': '请输入名称。',
  'The protocol is one of: srt, rtmp, rtp.': '协议须为 srt、rtmp 或 rtp。',
  'A URL has 512 characters or fewer.': 'URL 不超过 512 个字符。',
  'A port is 1 to 65535.': '端口范围为 1 到 65535。',
  'A port is a whole number.': '端口须为整数。',
  'A stream key has 512 characters or fewer.': '推流密钥不超过 512 个字符。',
  'A stream key has no spaces and only ASCII characters.': '推流密钥只能含 ASCII 字符，且不含空格。',
  'An allowlist has 64 ranges or fewer.': '白名单不超过 64 个地址段。',
  'Choose a maximum bandwidth.': '请选择最大带宽。',
  'Choose a region.': '请选择地域。',
  'Enter an IP address or a host name, without port or URL parts.': '请输入 IP 地址或主机名，不含端口或 URL 其他部分。',
  'Enter at least one address range; 0.0.0.0/0 lets every address push.':
    '请至少输入一个地址段；0.0.0.0/0 允许任何地址推流。',
  'Enter the stream key.': '请输入推流密钥。',
  'Latency is a whole number of ms.': '延迟须为整数（ms）。',
  'TTL is a whole number.': 'TTL 须为整数。',
  'The host or the port of this URL cannot be.': '此 URL 的主机或端口无效。',
  'The key length is 128, 192 or 256 bits.': '密钥长度为 128、192 或 256 位。',
  'Latency is 20 ms or more.': '延迟不小于 20 ms。',
  'Latency is 3000 ms or less.': '延迟不大于 3000 ms。',
  'Enter a URL such as rtmps://live.example.com/app, without the stream key.':
    '请输入 rtmps://live.example.com/app 形式的 URL，不含推流密钥。',
  'TTL is 1 or more.': 'TTL 不小于 1。',
  'TTL is 255 or less.': 'TTL 不大于 255。',
  'Enter a date and a time.': '请输入日期和时间。',
  'The key has 10 to 79 printable ASCII characters.': '密钥须为 10 到 79 个可打印 ASCII 字符。',
};
