/**
 * Exercises the core without Node, for valgrind and the sanitizers: scripts/addon-check.mjs builds and runs it.
 * Sockets on 127.0.0.1, ports chosen by the system; every wait has a deadline. Exit code 1 names the failed check.
 */
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "core.hpp"

namespace {

using namespace srtio;
using namespace std::chrono_literals;

#define CHECK(condition) \
  if (!(condition)) (std::fprintf(stderr, "line %d: %s\n", __LINE__, #condition), std::exit(1))

const std::string kSecret = "correct horse battery";
constexpr int kMessageBytes = 1316;

LinkSettings link(const std::string& passphrase = "", const std::string& streamId = "") {
  return {60, 1000, 5000, 2048, 0, passphrase.empty() ? 0 : 16, passphrase, streamId};
}

/** A core and what came out of it. */
class Bench {
 public:
  explicit Bench(int slabs = 16) : pool_(size_t(slabs) * kSlabBytes / 8 + 1), core_(makeCore(slabs)) {}

  Core& core() { return *core_; }

  SRTSOCKET listen(const std::string& passphrase = "", const char* network = "127.0.0.1",
                   std::optional<std::string> streamId = {}, int64_t giveWayUs = 300'000) {
    const Address local = *Address::parse("127.0.0.1");
    return core_->listen(local, link(passphrase), {Network::parse(network)}, streamId, giveWayUs);
  }

  SRTSOCKET dial(SRTSOCKET listener, const LinkSettings& settings) {
    sockaddr_storage at;
    int length = sizeof at;
    srt_getsockname(listener, reinterpret_cast<sockaddr*>(&at), &length);
    return core_->dial(*Address::parse("127.0.0.1", Address::of(reinterpret_cast<sockaddr*>(&at)).port), settings);
  }

  /** The next event that `wanted` picks. Others are dropped, data is counted. */
  Event await(const std::function<bool(const Event&)>& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      while (!waiting_.empty()) {
        const Event event = waiting_.front();
        waiting_.erase(waiting_.begin());
        if (wanted(event)) return event;
      }
      std::unique_lock lock(mutex_);
      CHECK(wake_.wait_until(lock, deadline, [&] { return woken_; }));
      woken_ = false;
      lock.unlock();
      collect();
    }
  }

  Event await(EventKind kind, SRTSOCKET socket) {
    return await([=](const Event& event) { return event.kind == kind && event.socket == socket; });
  }

  void send(SRTSOCKET socket, int messages, const int64_t* dues = nullptr) {
    std::vector<uint8_t> data(size_t(messages) * kMessageBytes, 0x47);
    std::vector<uint16_t> lengths(messages, kMessageBytes);
    sent += core_->send(socket, data.data(), data.size(), lengths.data(), messages, dues);
  }

  int64_t sent = 0, received = 0;

 private:
  std::vector<uint64_t> pool_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::vector<Event> waiting_;
  std::unique_ptr<Core> core_;  // last: gone before what its threads use

  std::unique_ptr<Core> makeCore(int slabs) {
    const auto notify = [](void* context) {
      auto* bench = static_cast<Bench*>(context);
      std::lock_guard lock(bench->mutex_);
      bench->woken_ = true;
      bench->wake_.notify_one();
    };
    return std::make_unique<Core>(10, reinterpret_cast<uint8_t*>(pool_.data()), slabs, notify, this);
  }

  void collect() {
    std::vector<Event> events;
    core_->queue.take(events);
    for (const Event& event : events) {
      if (event.kind == EventKind::data) checkData(event);
      waiting_.push_back(event);
    }
  }

  void checkData(const Event& event) {
    const uint8_t* slab = core_->queue.slab(event.slab);
    const auto* lengths = reinterpret_cast<const uint16_t*>(slab + kSlabLengths);
    int bytes = 0;
    for (int i = 0; i < event.b; ++i) bytes += lengths[i];
    CHECK(bytes == event.a && bytes == event.b * kMessageBytes && slab[0] == 0x47);
    received += event.b;
    core_->queue.release(event.slab);
  }
};

void transfers(const std::string& passphrase) {
  Bench bench;
  const SRTSOCKET listener = bench.listen(passphrase);
  const SRTSOCKET out = bench.dial(listener, link(passphrase));
  bench.await(EventKind::connected, out);
  for (int i = 0; i < 30; ++i) {
    bench.send(out, 10);
    std::this_thread::sleep_for(10ms);
  }
  while (bench.received < bench.sent) bench.await([](const Event& event) { return event.kind == EventKind::data; });
  SRT_TRACEBSTATS stats;
  CHECK(srt_bistats(out, &stats, 1, 1) == 0 && stats.pktRecvACK > 0 && bench.sent == 300);
  bench.core().close(out);
  CHECK(bench.await([](const Event& event) { return event.kind == EventKind::closed; }).a == int(Ending::peerClosed));
}

void sendsUntimedWhatWasDueBeforeTheConnection() {
  Bench bench;
  const SRTSOCKET listener = bench.listen();
  const SRTSOCKET out = bench.dial(listener, link());
  bench.await(EventKind::connected, out);
  const int64_t longAgo[] = {1};
  bench.send(out, 1, longAgo);
  CHECK(bench.sent == 1 && bench.core().counters.sentUntimed == 1);
  bench.await([](const Event& event) { return event.kind == EventKind::data; });
}

void refuses(Refusal cause, const std::string& ours, const LinkSettings& theirs, const char* network,
             std::optional<std::string> streamId = {}) {
  Bench bench;
  const SRTSOCKET listener = bench.listen(ours, network, streamId);
  const SRTSOCKET caller = bench.dial(listener, theirs);
  bool refused = false, closed = false;
  bench.await([&](const Event& event) {
    CHECK(event.kind != EventKind::accepted && event.kind != EventKind::connected);
    if (event.kind == EventKind::refused) {
      CHECK(!refused && event.socket == listener && event.a == int(cause) && event.peer.port != 0);
      refused = true;
    }
    if (event.kind == EventKind::closed) closed = event.socket == caller && event.a == int(Ending::notConnected);
    return refused && closed;
  });
}

void refusesByCause() {
  refuses(Refusal::addressNotAllowed, "", link(), "10.0.0.0/8");
  refuses(Refusal::streamIdWrong, "", link("", "wrong"), "127.0.0.0/8", "right");
  refuses(Refusal::passphraseWrong, kSecret, link("something else"), "127.0.0.1/32");
  refuses(Refusal::passphraseMissing, kSecret, link(), "127.0.0.1/32");
  refuses(Refusal::passphraseUnexpected, "", link(kSecret), "127.0.0.1/32");
}

void silentSessionGivesWay() {
  Bench bench;
  const SRTSOCKET listener = bench.listen();
  const SRTSOCKET first = bench.dial(listener, link());
  const SRTSOCKET session = bench.await([](const Event& event) { return event.kind == EventKind::accepted; }).socket;
  bench.send(first, 1);
  const SRTSOCKET early = bench.dial(listener, link());
  CHECK(bench.await(EventKind::closed, early).b == SRT_REJX_CONFLICT);
  std::this_thread::sleep_for(600ms);
  bench.dial(listener, link());
  CHECK(bench.await(EventKind::closed, session).a == int(Ending::gaveWay));
  const Event next = bench.await([](const Event& event) { return event.kind == EventKind::accepted; });
  CHECK(next.socket != session && next.a == listener);
}

void narrowedAllowlistLetsGo() {
  Bench bench;
  const SRTSOCKET listener = bench.listen();
  bench.dial(listener, link());
  const SRTSOCKET session = bench.await([](const Event& event) { return event.kind == EventKind::accepted; }).socket;
  bench.core().setAllowlist(listener, {Network::parse("2001:db8::/32")});
  CHECK(bench.await(EventKind::closed, session).a == int(Ending::notAllowed));
}

void deadTargetTimesOut() {
  Bench bench;
  const SRTSOCKET caller = bench.core().dial(*Address::parse("127.0.0.1", 9), link());
  CHECK(bench.await(EventKind::closed, caller).b == SRT_REJ_TIMEOUT);
}

/** Destroys the core at once, under load, with a dial and a listener open and more slabs needed than there are. */
void closesUnderLoad() {
  Bench bench(1);
  const SRTSOCKET listener = bench.listen();
  const SRTSOCKET out = bench.dial(listener, link());
  bench.await(EventKind::connected, out);
  bench.dial(listener, link());
  for (int i = 0; i < 20; ++i) {
    bench.send(out, 40);
    std::this_thread::sleep_for(5ms);
  }
}

void opensAndCloses() {
  for (int i = 0; i < 3; ++i) {
    Bench bench;
    bench.core().close(bench.listen());
    bench.core().close(bench.core().dial(*Address::parse("127.0.0.1", 9), link()));
  }
}

void comparesNetworks() {
  CHECK(Network::parse("10.1.0.0/16").holds(*Address::parse("::ffff:10.1.2.3")));
  CHECK(!Network::parse("10.1.0.0/17").holds(*Address::parse("10.1.128.0")));
  CHECK(Network::parse("2001:db8::/33").holds(*Address::parse("2001:db8:7fff::1")));
  CHECK(!Network::parse("::/0").holds(*Address::parse("192.0.2.1")));
  CHECK(!Network::parse("0.0.0.0/0").holds(*Address::parse("2001:db8::1")));
}

}  // namespace

int main() {
  comparesNetworks();
  opensAndCloses();
  transfers("");
  transfers(kSecret);
  sendsUntimedWhatWasDueBeforeTheConnection();
  refusesByCause();
  silentSessionGivesWay();
  narrowedAllowlistLetsGo();
  deadTargetTimesOut();
  closesUnderLoad();
  std::puts("core-test: all checks passed");
}
