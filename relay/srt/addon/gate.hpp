/** Who may come in: addresses, networks, and the door of one listener. No N-API, and no sockets of its own. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <srt/access_control.h>
#include <srt/srt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace srtio {

/** A call that failed at once: a code for programs, words for people. Never holds a passphrase. */
struct Failure : std::runtime_error {
  const char* code;
  Failure(const char* code, const std::string& words) : std::runtime_error(words), code(code) {}
};

/** Why a caller was refused. The order is the wire format to socket.ts (`refusalCauses`). */
enum class Refusal : int32_t {
  none,
  addressNotAllowed,
  passphraseMissing,
  passphraseWrong,
  passphraseUnexpected,
  streamIdWrong,
  alreadyInUse,
  versionTooOld,
  handshakeFailed
};

/** The code a refused caller is told: SRT_REJX_*, docs/features/access-control.md. */
inline int rejectCode(Refusal refusal) {
  switch (refusal) {
    case Refusal::addressNotAllowed: return SRT_REJX_FORBIDDEN;
    case Refusal::streamIdWrong: return SRT_REJX_NOTFOUND;
    case Refusal::alreadyInUse: return SRT_REJX_CONFLICT;
    case Refusal::versionTooOld: return SRT_REJX_VERSION;
    default: return SRT_REJX_FALLBACK;
  }
}

/** 16 bytes and a port. IPv4 is kept v4-mapped (RFC 4291 section 2.5.5.2), so that one comparison serves both. */
struct Address {
  std::array<uint8_t, 16> bytes{};
  uint16_t port = 0;

  static Address of(const sockaddr* from) {
    Address address;
    if (from->sa_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(from);
      address.mapV4(&v4->sin_addr);
      address.port = ntohs(v4->sin_port);
    } else if (from->sa_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(from);
      std::memcpy(address.bytes.data(), &v6->sin6_addr, 16);
      address.port = ntohs(v6->sin6_port);
    }
    return address;
  }

  static std::optional<Address> parse(const std::string& text, uint16_t port = 0) {
    Address address;
    address.port = port;
    in_addr v4;
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) address.mapV4(&v4);
    else if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }

  bool isV4() const {
    static constexpr uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(bytes.data(), mapped, sizeof mapped) == 0;
  }

  std::string text() const {
    char buffer[INET6_ADDRSTRLEN];
    const void* from = isV4() ? bytes.data() + 12 : bytes.data();
    return inet_ntop(isV4() ? AF_INET : AF_INET6, from, buffer, sizeof buffer);
  }

  /** Fills `to` in the family's own form and returns its length. */
  int store(sockaddr_storage& to) const {
    to = {};
    if (isV4()) {
      auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
      v4->sin_family = AF_INET;
      v4->sin_port = htons(port);
      std::memcpy(&v4->sin_addr, bytes.data() + 12, 4);
      return sizeof *v4;
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    std::memcpy(&v6->sin6_addr, bytes.data(), 16);
    return sizeof *v6;
  }

 private:
  void mapV4(const in_addr* v4) {
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::memcpy(bytes.data() + 12, v4, 4);
  }
};

/** A CIDR block, or one address. */
struct Network {
  Address base;
  int bits;

  static Network parse(const std::string& text) {
    const auto slash = text.find('/');
    const auto base = Address::parse(text.substr(0, slash));
    if (!base) throw Failure("SRT_BAD_NETWORK", "'" + text + "' is not an IPv4 or IPv6 network");
    const int most = base->isV4() ? 32 : 128;
    const int bits = slash == std::string::npos ? most : prefix(text.substr(slash + 1), most);
    if (bits < 0) throw Failure("SRT_BAD_NETWORK", "'" + text + "' has a wrong prefix length");
    return {*base, bits + 128 - most};
  }

  bool holds(const Address& address) const {
    if (base.isV4() != address.isV4()) return false;  // ::/0 is all of IPv6, and not IPv4 in its mapped form
    const int whole = bits / 8, rest = bits % 8;
    if (std::memcmp(base.bytes.data(), address.bytes.data(), whole) != 0) return false;
    if (rest == 0) return true;
    const uint8_t mask = static_cast<uint8_t>(0xff << (8 - rest));
    return ((base.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
  }

 private:
  static int prefix(const std::string& digits, int most) {
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos) return -1;
    const int bits = std::stoi(digits);
    return bits <= most ? bits : -1;
  }
};

using Allowlist = std::vector<Network>;

/**
 * The door of one listener. Asked on libsrt's receive thread (before the handshake is answered), told by the I/O
 * thread who came in and when data flowed, changed by JS. Its mutex is a leaf: nothing of libsrt is called under it.
 */
class Gate {
 public:
  const bool encrypted;

  Gate(Allowlist allowed, std::optional<std::string> streamId, bool encrypted, int64_t giveWayUs)
      : encrypted(encrypted), allowed_(std::move(allowed)), streamId_(std::move(streamId)), giveWayUs_(giveWayUs) {}

  Refusal judge(const Address& peer, const char* streamId, int64_t now) {
    std::lock_guard lock(mutex_);
    if (!allows(peer)) return Refusal::addressNotAllowed;
    if (streamId_ && *streamId_ != streamId) return Refusal::streamIdWrong;
    return now < busyUntil_ ? Refusal::alreadyInUse : Refusal::none;
  }

  /** The last word, when libsrt hands the caller over: the allowlist or the present session may have changed since. */
  Refusal enter(const Address& peer, int64_t now, int64_t latencyUs) {
    std::lock_guard lock(mutex_);
    if (!allows(peer)) return Refusal::addressNotAllowed;
    if (now < busyUntil_) return Refusal::alreadyInUse;
    // A new session delivers nothing for the first `latency`: it must not have to give way in that time.
    busyUntil_ = now + latencyUs + giveWayUs_;
    return Refusal::none;
  }

  void delivered(int64_t now) {
    std::lock_guard lock(mutex_);
    busyUntil_ = std::max(busyUntil_, now + giveWayUs_);
  }

  void left() {
    std::lock_guard lock(mutex_);
    busyUntil_ = 0;
  }

  /** Changes the list and says whether `peer` may stay. */
  bool change(Allowlist allowed, const Address& peer) {
    std::lock_guard lock(mutex_);
    allowed_ = std::move(allowed);
    return allows(peer);
  }

 private:
  std::mutex mutex_;
  Allowlist allowed_;
  const std::optional<std::string> streamId_;
  const int64_t giveWayUs_;
  int64_t busyUntil_ = 0;

  bool allows(const Address& peer) const {
    for (const Network& network : allowed_)
      if (network.holds(peer)) return true;
    return false;
  }
};

}  // namespace srtio
