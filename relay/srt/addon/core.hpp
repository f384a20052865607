/**
 * SRT sockets, one I/O thread and the batches it reads. No N-API, so that a plain program can run it under valgrind.
 *
 * Threads: the owner (JS) calls the public methods; `run` is the I/O thread; libsrt's receive threads call `admit` and
 * `onLog`. Locks: `mutex_` guards the tables and may be held while calling libsrt; the queue's and each gate's mutex
 * are leaves, taken by libsrt's threads while they hold locks of their own.
 */
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "link.hpp"
#include "queue.hpp"

namespace srtio {

constexpr int kMaxReady = 512;           // sockets served in one round; the rest are served in the next
constexpr int kIdleWaitMs = 20;
constexpr int kBacklog = 64;             // callers accepted by libsrt within one tick
constexpr int64_t kHearingUs = 500'000;  // how often each session is asked whether it heard its peer

/** How a session ended. The order is the wire format to socket.ts (`endings`). */
enum class Ending : int32_t { peerClosed, peerSilent, gaveWay, notAllowed, notConnected };

struct Counters {
  std::atomic<uint64_t> wakes{0}, messages{0}, stalls{0}, sendRefused{0}, sentUntimed{0}, refusalsUnreported{0};
};

/** The caller that passed `admit` on this thread and whose passphrase libsrt looks at next. */
struct Candidate {
  SRTSOCKET caller = SRT_INVALID_SOCK;
  SRTSOCKET listener = SRT_INVALID_SOCK;
  bool encrypted = false;
  Address peer;
};
inline thread_local Candidate candidate;

class Core {
 public:
  /**
   * `slabs` x kSlabBytes at `pool`, 8-aligned, outlive this.
   * `notify` is called from any thread when the queue has events for `take`.
   */
  Core(int tickMs, uint8_t* pool, int slabs, void (*notify)(void*), void* context)
      : queue(pool, slabs, notify, context), tick_(std::chrono::milliseconds(tickMs)) {
    if (srt_startup() < 0) failWithLast("libsrt does not start");
    // libsrt tells why it refused a passphrase nowhere but in its log.
    srt_setlogflags(SRT_LOGF_DISABLE_TIME | SRT_LOGF_DISABLE_SEVERITY | SRT_LOGF_DISABLE_THREADNAME);
    srt_setloghandler(this, &Core::onLog);
    poll_ = srt_epoll_create();
    srt_epoll_set(poll_, SRT_EPOLL_ENABLE_EMPTY);
    thread_ = std::thread([this] { run(); });
  }

  Core(const Core&) = delete;

  /** Closes every socket, so that peers learn at once, and joins all threads: no `notify` comes after this. */
  ~Core() {
    stopping_ = true;
    thread_.join();
    for (const auto& [socket, session] : sessions_) srt_close(socket);
    for (const auto& [socket, listener] : listeners_) srt_close(socket);
    srt_epoll_release(poll_);
    srt_cleanup();
    srt_setloghandler(nullptr, nullptr);
  }

  SRTSOCKET listen(const Address& local, const LinkSettings& link, Allowlist allowed,
                   std::optional<std::string> streamId, int64_t giveWayUs) {
    std::lock_guard lock(mutex_);
    const SRTSOCKET socket = create(link);
    try {
      if (!local.isV4()) set(socket, SRTO_IPV6ONLY, local.bytes == Address{}.bytes ? 0 : 1);  // :: takes IPv4 too
      bind(socket, local);
      auto gate = std::make_unique<Gate>(std::move(allowed), std::move(streamId), !link.passphrase.empty(), giveWayUs);
      Listener& listener = listeners_[socket] = {this, socket, std::move(gate), link, SRT_INVALID_SOCK};
      if (srt_listen_callback(socket, &Core::admit, &listener) < 0 || srt_listen(socket, kBacklog) < 0)
        failWithLast("cannot listen on " + local.text() + " port " + std::to_string(local.port));
      watch(socket, SRT_EPOLL_IN | SRT_EPOLL_ERR);
      return socket;
    } catch (...) {
      srt_close(socket);
      listeners_.erase(socket);
      throw;
    }
  }

  /** Returns at once; `connected` or `closed` follows. */
  SRTSOCKET dial(const Address& remote, const LinkSettings& link) {
    std::lock_guard lock(mutex_);
    const SRTSOCKET socket = create(link);
    try {
      set(socket, SRTO_STREAMID, link.streamId);
      bindShared(socket, remote.isV4());
      watch(socket, SRT_EPOLL_OUT | SRT_EPOLL_ERR);
      sockaddr_storage to;
      const int length = remote.store(to);
      if (srt_connect(socket, reinterpret_cast<sockaddr*>(&to), length) < 0)
        failWithLast("cannot dial " + remote.text() + " port " + std::to_string(remote.port));
    } catch (...) {
      srt_epoll_remove_usock(poll_, socket);
      srt_close(socket);
      throw;
    }
    sessions_[socket] = {SRT_INVALID_SOCK, remote, false, link.idleTimeoutMs * int64_t{1000}, nowUs(), 0};
    return socket;
  }

  /** The listener's session, when its address is no longer allowed, is let go. */
  void setAllowlist(SRTSOCKET socket, Allowlist allowed) {
    std::lock_guard lock(mutex_);
    const auto found = listeners_.find(socket);
    if (found == listeners_.end()) return;
    const SRTSOCKET present = found->second.session;
    const Address peer = present == SRT_INVALID_SOCK ? Address{} : sessions_.at(present).peer;
    if (!found->second.gate->change(std::move(allowed), peer) && present != SRT_INVALID_SOCK)
      end(present, Ending::notAllowed);
    queue.post(round_);
  }

  /** Closes a listener with its session, or a session. No event follows for either. */
  void close(SRTSOCKET socket) {
    std::lock_guard lock(mutex_);
    const auto found = listeners_.find(socket);
    if (found == listeners_.end()) return forget(socket);
    if (found->second.session != SRT_INVALID_SOCK) forget(found->second.session);
    srt_epoll_remove_usock(poll_, socket);
    srt_close(socket);  // waits for a running `admit`; none comes after it, so the listener may go
    listeners_.erase(found);
  }

  /**
   * Copies messages into the socket's send buffer and returns how many it took: not those longer than
   * kMaxMessage, and none from where the buffer is full or the link broken. Message i is the next `lengths[i]` bytes
   * of `data`, due at `dues[i]` (us of libsrt's clock); without dues, now.
   */
  int send(SRTSOCKET socket, const uint8_t* data, size_t size, const uint16_t* lengths, int count,
           const int64_t* dues) {
    size_t at = 0;
    int taken = 0;
    for (int i = 0; i < count && at + lengths[i] <= size; at += lengths[i++]) {
      if (lengths[i] > kMaxMessage) continue;
      if (!sendOne(socket, data + at, lengths[i], dues ? dues[i] : 0)) break;
      ++taken;
    }
    counters.sendRefused += count - taken;
    return taken;
  }

  Queue queue;
  Counters counters;

 private:
  struct Listener {
    Core* core;
    SRTSOCKET socket;
    std::unique_ptr<Gate> gate;
    LinkSettings link;
    SRTSOCKET session;
  };

  struct Session {
    SRTSOCKET listener;  // SRT_INVALID_SOCK for a dialled one
    Address peer;
    bool connected;
    int64_t idleTimeoutUs;
    int64_t heardAt;
    int64_t heardCount;
  };

  const std::chrono::steady_clock::duration tick_;

  std::mutex mutex_;
  std::map<SRTSOCKET, Listener> listeners_;  // nodes do not move: libsrt holds their addresses
  std::map<SRTSOCKET, Session> sessions_;
  std::vector<Event> round_;
  uint16_t sharedPorts_[2] = {0, 0};  // local UDP port of all callers: IPv6, IPv4

  std::atomic<bool> stopping_{false};
  int poll_ = -1;
  int64_t hearingDue_ = 0;
  std::thread thread_;

  // Opening sockets.

  /** All callers share one UDP port, and so two threads; a port lost to somebody else is replaced by a fresh one. */
  void bindShared(SRTSOCKET socket, bool v4) {
    uint16_t& port = sharedPorts_[v4];
    Address any = *Address::parse(v4 ? "0.0.0.0" : "::", port);
    if (!v4) set(socket, SRTO_IPV6ONLY, 1);
    try {
      bind(socket, any);
    } catch (const Failure&) {
      if (port == 0) throw;
      any.port = 0;
      bind(socket, any);
    }
    sockaddr_storage bound;
    int length = sizeof bound;
    if (srt_getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &length) == 0)
      port = Address::of(reinterpret_cast<sockaddr*>(&bound)).port;
  }

  void watch(SRTSOCKET socket, int events) {
    if (srt_epoll_add_usock(poll_, socket, &events) < 0) failWithLast("cannot watch a socket");
  }

  // Refusing callers, on libsrt's receive threads.

  static int admit(void* opaque, SRTSOCKET caller, int handshakeVersion, const sockaddr* from, const char* streamId) {
    const auto& listener = *static_cast<Listener*>(opaque);
    const Address peer = Address::of(from);
    // Callers older than SRT 1.3 agree on keys after the handshake, where an enforced passphrase is not enforced.
    const Refusal refusal =
        handshakeVersion < 5 ? Refusal::versionTooOld : listener.gate->judge(peer, streamId, nowUs());
    if (refusal == Refusal::none) {
      candidate = {caller, listener.socket, listener.gate->encrypted, peer};
      return 0;
    }
    srt_setrejectreason(caller, rejectCode(refusal));
    listener.core->refuse(listener.socket, refusal, peer);
    return -1;
  }

  /** Reads "@<caller>:newConnection: connection rejected due to: ... - ERROR:<reason>" (libsrt 1.5 api.cpp). */
  static void onLog(void* opaque, int, const char*, int, const char*, const char* line) {
    if (candidate.caller == SRT_INVALID_SOCK || !std::strstr(line, "connection rejected due to")) return;
    if (!std::strstr(line, ("@" + std::to_string(candidate.caller) + ":").c_str())) return;
    Refusal refusal = Refusal::handshakeFailed;
    if (std::strstr(line, "ERROR:BADSECRET")) refusal = Refusal::passphraseWrong;
    else if (std::strstr(line, "ERROR:UNSECURE"))
      refusal = candidate.encrypted ? Refusal::passphraseMissing : Refusal::passphraseUnexpected;
    candidate.caller = SRT_INVALID_SOCK;
    static_cast<Core*>(opaque)->refuse(candidate.listener, refusal, candidate.peer);
  }

  void refuse(SRTSOCKET listener, Refusal refusal, const Address& peer) {
    if (!queue.refuse({EventKind::refused, listener, int32_t(refusal), 0, -1, peer})) ++counters.refusalsUnreported;
  }

  // The I/O thread.

  void run() {
    pthread_setname_np(pthread_self(), "srt-io");
    std::vector<SRT_EPOLL_EVENT> ready(kMaxReady + 1);  // libsrt before 1.5.5 may report one more than it was offered
    auto next = std::chrono::steady_clock::now();
    while (!stopping_) {
      const int count = srt_epoll_uwait(poll_, ready.data(), kMaxReady, kIdleWaitMs);
      {
        std::lock_guard lock(mutex_);
        ++counters.wakes;
        for (int i = 0; i < std::min(count, kMaxReady); ++i) serve(ready[i].fd, ready[i].events);
        hear();
        queue.post(round_);
      }
      // Reading on a fixed beat lets packets gather: one wake-up, one batch, one call into JS for each stream.
      next = std::max(next + tick_, std::chrono::steady_clock::now());
      std::this_thread::sleep_until(next);
    }
  }

  void serve(SRTSOCKET socket, int events) {
    if (const auto found = listeners_.find(socket); found != listeners_.end()) return acceptAll(found->second);
    const auto found = sessions_.find(socket);
    if (found == sessions_.end()) return;  // closed by the owner since the wait
    Session& session = found->second;
    if (session.listener != SRT_INVALID_SOCK) return drain(socket, session);
    if (events & SRT_EPOLL_ERR) return end(socket, endingOf(session));
    int errorsOnly = SRT_EPOLL_ERR;
    srt_epoll_update_usock(poll_, socket, &errorsOnly);
    session.connected = true;
    session.heardAt = nowUs();
    round_.push_back({EventKind::connected, socket});
  }

  void acceptAll(Listener& listener) {
    // No address is asked for: libsrt before 1.5.4 leaks the socket when that part fails.
    for (SRTSOCKET caller; (caller = srt_accept(listener.socket, nullptr, nullptr)) != SRT_INVALID_SOCK;)
      welcome(listener, caller);
  }

  void welcome(Listener& listener, SRTSOCKET caller) {
    sockaddr_storage from;
    int length = sizeof from, latencyMs = 0, size = sizeof latencyMs, events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
    if (srt_getpeername(caller, reinterpret_cast<sockaddr*>(&from), &length) < 0 ||
        srt_getsockflag(caller, SRTO_RCVLATENCY, &latencyMs, &size) < 0 ||
        srt_epoll_add_usock(poll_, caller, &events) < 0) {
      srt_close(caller);  // gone again before anybody saw it
      return;
    }
    const Address peer = Address::of(reinterpret_cast<sockaddr*>(&from));
    const Refusal refusal = listener.gate->enter(peer, nowUs(), latencyMs * int64_t{1000});
    if (refusal != Refusal::none) {
      srt_epoll_remove_usock(poll_, caller);
      srt_close(caller);
      return refuse(listener.socket, refusal, peer);
    }
    const SRTSOCKET old = std::exchange(listener.session, caller);
    if (old != SRT_INVALID_SOCK) end(old, Ending::gaveWay);
    sessions_[caller] = {listener.socket, peer, true, listener.link.idleTimeoutMs * int64_t{1000}, nowUs(), 0};
    round_.push_back({EventKind::accepted, caller, listener.socket, 0, -1, peer});
  }

  /** Reads all that is due. Without a free slab it waits in libsrt's buffer: nothing is lost while that has room. */
  void drain(SRTSOCKET socket, Session& session) {
    listeners_.at(session.listener).gate->delivered(nowUs());
    for (;;) {
      const int slab = queue.claim();
      if (slab < 0) {
        ++counters.stalls;
        return;
      }
      Event event{EventKind::data, socket, 0, 0, slab};
      const int error = fill(event);
      if (event.b > 0) round_.push_back(event);
      else queue.release(slab);
      if (error == SRT_EASYNCRCV) return;
      if (error != 0) return end(socket, endingOf(session));
    }
  }

  /** Fills a slab. 0 when it is full, else libsrt's error: SRT_EASYNCRCV when there is no more. */
  int fill(Event& event) {
    uint8_t* const base = queue.slab(event.slab);
    auto* const dues = reinterpret_cast<int64_t*>(base + kSlabDues);
    auto* const lengths = reinterpret_cast<uint16_t*>(base + kSlabLengths);
    while (event.b < kSlabMessages) {
      SRT_MSGCTRL control = srt_msgctrl_default;
      const int bytes = srt_recvmsg2(event.socket, reinterpret_cast<char*>(base + event.a), kMaxMessage, &control);
      if (bytes <= 0) return srt_getlasterror(nullptr);
      dues[event.b] = control.srctime;
      lengths[event.b++] = uint16_t(bytes);
      event.a += bytes;
      ++counters.messages;
    }
    return 0;
  }

  /** libsrt does not tell a polite end from a silence, so each session's packets from its peer are watched. */
  void hear() {
    const int64_t now = nowUs();
    if (now < hearingDue_) return;
    hearingDue_ = now + kHearingUs;
    for (auto& [socket, session] : sessions_) {
      SRT_TRACEBSTATS stats;
      if (!session.connected || srt_bistats(socket, &stats, 0, 1) < 0) continue;
      const int64_t count = int64_t{stats.pktRecvTotal} + stats.pktRecvACKTotal + stats.pktRecvNAKTotal;
      if (std::exchange(session.heardCount, count) != count) session.heardAt = now;
    }
  }

  static Ending endingOf(const Session& session) {
    if (!session.connected) return Ending::notConnected;
    return nowUs() - session.heardAt < session.idleTimeoutUs - 2 * kHearingUs ? Ending::peerClosed : Ending::peerSilent;
  }

  void end(SRTSOCKET socket, Ending ending) {
    const int reason = ending == Ending::notConnected ? srt_getrejectreason(socket) : 0;
    round_.push_back({EventKind::closed, socket, int32_t(ending), reason});
    forget(socket);
  }

  void forget(SRTSOCKET socket) {
    const auto found = sessions_.find(socket);
    if (found == sessions_.end()) return;
    const auto listener = listeners_.find(found->second.listener);
    if (listener != listeners_.end() && listener->second.session == socket) {
      listener->second.session = SRT_INVALID_SOCK;
      listener->second.gate->left();
    }
    sessions_.erase(found);
    srt_epoll_remove_usock(poll_, socket);  // before the close: a broken socket reports errors for ever
    srt_close(socket);
  }

  bool sendOne(SRTSOCKET socket, const uint8_t* data, int size, int64_t due) {
    SRT_MSGCTRL control = srt_msgctrl_default;
    control.srctime = due;
    const auto* bytes = reinterpret_cast<const char*>(data);
    if (srt_sendmsg2(socket, bytes, size, &control) >= 0) return true;
    if (due == 0 || srt_getlasterror(nullptr) != SRT_EINVALMSGAPI) return false;
    // Due before this connection began: the receiver has no place for that time, so it goes out as of now.
    ++counters.sentUntimed;
    control = srt_msgctrl_default;
    return srt_sendmsg2(socket, bytes, size, &control) >= 0;
  }
};

}  // namespace srtio
