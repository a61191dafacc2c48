package io.sluice.proxy.forward;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Networks whose word about the client is believed: address blocks in CIDR notation. Never resolves names. */
public final class TrustedPeers {
    private static final int IPV4_BYTES = 4;
    private static final int MAX_DIGITS = 3;

    private static final class Block {
        private final byte[] network;
        private final int prefixBits;

        Block(byte[] network, int prefixBits) {
            this.network = network;
            this.prefixBits = prefixBits;
        }

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            int whole = prefixBits / 8;
            if (Arrays.mismatch(network, 0, whole, address, 0, whole) >= 0) {
                return false;
            }
            int rest = prefixBits % 8;
            int mask = 0xff << (8 - rest);
            return rest == 0 || (network[whole] & mask) == (address[whole] & mask);
        }
    }

    private final List<Block> blocks;

    private TrustedPeers(List<Block> blocks) {
        this.blocks = blocks;
    }

    public static TrustedPeers none() {
        return new TrustedPeers(List.of());
    }

    /** Throws {@link IllegalArgumentException} naming the first block that is none. */
    public static TrustedPeers of(List<String> cidrs) {
        List<Block> blocks = new ArrayList<>();
        for (String cidr : cidrs) {
            blocks.add(block(cidr)
                    .orElseThrow(() -> new IllegalArgumentException(
                            cidr + " (expected: an address block such as 10.0.0.0/8 or fd00::/8)")));
        }
        return new TrustedPeers(List.copyOf(blocks));
    }

    private static Optional<Block> block(String cidr) {
        int slash = cidr.indexOf('/');
        Optional<byte[]> address = address(slash < 0 ? cidr : cidr.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int most = address.get().length * 8;
        String bits = slash < 0 ? String.valueOf(most) : cidr.substring(slash + 1);
        if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > most) {
            return Optional.empty();
        }
        return Optional.of(new Block(address.get(), Integer.parseInt(bits)));
    }

    public boolean contains(String address) {
        if (blocks.isEmpty()) {
            return false;
        }
        return address(address)
                .map(bytes -> blocks.stream().anyMatch(block -> block.contains(bytes)))
                .orElse(false);
    }

    /** A literal address as it is written shortest, so that the same one is always written alike; empty for anything else. */
    public static Optional<String> shortest(String address) {
        return address(address).map(NetUtil::bytesToIpAddress);
    }

    /** The bytes of a literal address; empty for anything else. */
    static Optional<byte[]> address(String text) {
        if (text.indexOf(':') >= 0) {
            return ipv6(text);
        }
        byte[] address = new byte[IPV4_BYTES];
        int at = 0;
        for (int i = 0; i < IPV4_BYTES; i++) {
            int dot = i < IPV4_BYTES - 1 ? text.indexOf('.', at) : text.length();
            int octet = octet(text, at, dot);
            if (octet < 0) {
                return Optional.empty();
            }
            address[i] = (byte) octet;
            at = dot + 1;
        }
        return Optional.of(address);
    }

    /** One to three digits; -1 when they are not an octet. */
    private static int octet(String text, int from, int to) {
        if (to <= from || to - from > MAX_DIGITS) {
            return -1;
        }
        int octet = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            octet = octet * 10 + digit;
        }
        return octet > 255 ? -1 : octet;
    }

    private static Optional<byte[]> ipv6(String text) {
        if (!text.matches("[0-9A-Fa-f:.]+")) {
            return Optional.empty();
        }
        try {
            // With a colon in it this is read as a literal or refused; no name service is asked.
            return Optional.of(InetAddress.getByName(text).getAddress());
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
    }
}
