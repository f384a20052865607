/** Settings, alarms and what the API refuses, in Simplified Chinese. */
export const settings: Readonly<Record<string, string>> = {
  Alarms: '告警',
  Settings: '设置',
  'Regions and relays': '地域与中继',
  'Restart all in order': '依次全部重启',
  'No relay runs yet. Two of a region are started when its first flow is.':
    '尚无中继运行。某地域的第一个流启动时，会启动该地域的两个中继。',
  Where: '位置',
  'This host': '本机',
  'This host, process {pid}': '本机，进程 {pid}',
  Memory: '内存',
  'Processor since its start': '启动以来的处理器占用',
  '{share} of one core': '一个核心的 {share}',
  'Busy in the last second': '最近一秒的忙碌程度',
  Restart: '重启',
  'It carries no flow now.': '目前没有承载流。',
  Reporting: '正在上报',
  'It does not run all its flows yet.': '尚未运行其全部流。',
  'Not needed': '暂不需要',
  'It is started when a flow needs it.': '有流需要时会启动。',
  Silent: '无响应',
  'Not heard for {time}.': '已有 {time} 没有收到上报。',
  'Restarting {relay}.': '正在重启 {relay}。',
  'Then, one after the other: {relays}.': '随后依次重启：{relays}。',
  'Regions without a relay now: {names}. Regions are edited in regions.json in the data folder.':
    '目前没有中继的地域：{names}。地域在数据目录的 regions.json 中编辑。',
  Retention: '保留期',
  'Kept for': '保留时长',
  '{days} days': '{days} 天',
  'Not known': '未知',
  Written: '已写入',
  'Not written': '未写入',
  since: '自',
  'Language and time': '语言与时间',
  'Times are shown in the time zone of your browser. On the Log and Health tabs another zone can be chosen.':
    '时间按浏览器的时区显示。在日志和健康页可选择其他时区。',
  'This server': '本服务器',
  Version: '版本',
  'Running since': '运行起始',
  Programs: '程序',
  'Restart all relays, one after the other?': '依次重启所有中继？',
  'Restart relay {relay}?': '重启中继 {relay}？',
  'Each of these pipelines is interrupted once:': '以下各链路会各中断一次：',
  'No flow runs on it, so nothing is interrupted.': '其上没有运行的流，因此不会有中断。',
  'A relay is back within about 2 s; its media moves again as soon as the encoders have called anew. The next relay is touched only then, so that primary and backup of a flow are never interrupted together. A flow that is pushed to one pipeline alone is off the air meanwhile.':
    '中继约 2 s 内恢复；编码器重新连接后，媒体数据随即恢复传输。恢复后才处理下一个中继，因此一个流的主备两路不会同时中断。只推一路的流在此期间会中断播出。',
  'Restart relays': '重启中继',
  'Closed: this pipeline failed three times within a minute by a fault of StreamLink’s own. Stop and start the flow to try again, and report relay.log.':
    '已关闭：此链路因 StreamLink 自身的故障在一分钟内失败三次。请停止并重新启动流后再试，并提交 relay.log。',
  'The encoder is gone. Listening for it to come back.': '编码器已离线，正在等待其重新连接。',
  'The flow was changed after you read it, so nothing was done. Read it again, and decide on what it is now.':
    '您读取之后该流已被更改，因此未执行操作。请重新读取，再根据现状决定。',
  'This Idempotency-Key was used for another request within 24 hours. Use a new key for a new request.':
    '此 Idempotency-Key 在 24 小时内已用于另一请求。新请求请使用新的键。',
  'The first request with this Idempotency-Key was cut off, so it is not known what came of it. Look at what is there, then use a new key.':
    '使用此 Idempotency-Key 的首个请求被中断，结果未知。请查看现状，然后使用新的键。',
  'There is no API key with this id. It may have been removed.': '没有此 ID 的 API 密钥，可能已被移除。',
  'The last API key cannot be removed: nobody could call the API any more. Create another one first.':
    '最后一个 API 密钥不能移除，否则无人能调用 API。请先创建另一个。',
  'There are 100 API keys at most. Remove one that nobody uses.': 'API 密钥最多 100 个。请移除一个无人使用的。',
  'There is a flow of this name. Import with names: rename, or with names: allow.':
    '已有同名的流。请以 names: rename 或 names: allow 导入。',
  'There is no flow to export. Create one first.': '没有可导出的流。请先创建一个。',
  'Some flows of this file cannot be made, so none was. The faults name them.':
    '此文件中有些流无法创建，因此一个都没有创建。详情见各项错误。',
  'This file has secrets. Give the passphrase that it was exported with.': '此文件含有密钥。请提供导出时使用的口令。',
  'The passphrase does not open the secrets of this file. Or the file is damaged.':
    '该口令无法打开此文件的密钥，或文件已损坏。',
  'This secret was left out of the file. Export it with a passphrase, or write the secret here before you import it.':
    '文件中未包含此密钥。请带口令重新导出，或在导入前填写密钥。',
  'This flow has no input yet. Create its input first.': '此流尚无输入。请先创建其输入。',
  'A flow has one input, and this flow has it already. Edit that, or create another flow.':
    '一个流只有一个输入，此流已有。请编辑该输入，或新建另一个流。',
  'This relay does not run now, so there is nothing to restart.': '此中继目前未运行，无可重启。',
  'A restart of relays is under way. Wait until it is over.': '正在重启中继，请等待完成。',
  'Another relay does not carry all its flows now, and a restart could interrupt both pipelines of one. Mend that first.':
    '另有中继目前未承载其全部流，此时重启可能中断某个流的主备两路。请先处理该问题。',
  'There is no alarm with this id. It may be older than what is kept.': '没有此 ID 的告警，可能已超出保留期。',
  'There is no alarm rule with this id. It may have been deleted.': '没有此 ID 的告警规则，可能已被删除。',
  'There is a rule of this kind for this flow, or for all flows, already. Edit that one.':
    '此流或所有流已有该类型的规则，请编辑已有规则。',
  'This kind is about the server and not about a flow. Leave the flow out.':
    '此类型针对服务器而非某个流，请不要填写流。',
  'This kind of rule needs a threshold.': '此类型的规则需要阈值。',
  'This kind of rule has no threshold. Leave it out.': '此类型的规则没有阈值，请不要填写。',
  'There are 1,000 alarm rules at most. Delete one.': '告警规则最多 1,000 条，请删除一条。',
  'There is no webhook with this id. It may have been deleted.': '没有此 ID 的 webhook，可能已被删除。',
  'The URL begins with http:// or https:// and has no user name and no password.':
    'URL 须以 http:// 或 https:// 开头，且不含用户名和密码。',
  'Link-local, multicast and metadata addresses are not called: a URL there could read the secrets of a cloud machine.':
    '不会调用链路本地、组播和元数据地址：其中的 URL 可能读取云主机的机密。',
  'This webhook is turned off, so nothing is sent to it. Turn it on first.':
    '此 webhook 已关闭，不会向其发送。请先开启。',
  'There are 20 webhooks at most. Delete one.': 'webhook 最多 20 个，请删除一个。',
  'There is no scrape token with this id. It may have been deleted.': '没有此 ID 的采集令牌，可能已被删除。',
  'There are 50 scrape tokens at most. Delete one.': '采集令牌最多 50 个，请删除一个。',
};
