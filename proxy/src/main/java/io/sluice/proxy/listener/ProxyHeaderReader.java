package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the header by which another proxy tells who the client is (PROXY protocol, versions 1 and 2), and fires it as a {@link Client}. A
 * connection that begins with anything else is closed, and so is one from a peer that is not trusted: by its header it could be anybody.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing
final class ProxyHeaderReader extends ByteToMessageDecoder {
    /** Whom the connection is for. */
    record Client(String address) {}

    private static final byte[] V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] V2 = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    /** With its line end. */
    private static final int V1_LONGEST = 107;

    private static final int V2_FIXED = 16;
    /** Addresses and whatever else is told, which is skipped. */
    private static final int V2_LONGEST_REST = 4096;

    private static final int VERSION_2 = 0x20;
    private static final int COMMAND_LOCAL = 0;
    private static final int COMMAND_PROXY = 1;
    private static final int FAMILY_IPV4 = 1;
    private static final int FAMILY_IPV6 = 2;
    private static final int PORTS = 4;
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaderReader.class);

    private final boolean trusted;

    /** @param trusted whether the peer may say who the client is */
    ProxyHeaderReader(boolean trusted) {
        this.trusted = trusted;
    }

    /** What is wrong with a header. */
    private static final class MalformedHeaderException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedHeaderException(String what) {
            super(what, null, false, false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            if (!trusted) {
                throw new MalformedHeaderException("its sender is not one of trusted-peers");
            }
            if (begins(in, V1)) {
                readLine(context, in);
            } else if (begins(in, V2)) {
                readBinary(context, in);
            } else {
                throw new MalformedHeaderException("there is none");
            }
        } catch (MalformedHeaderException e) {
            LOG.debug("PROXY protocol header of {}: {}", context.channel().remoteAddress(), e.getMessage());
            in.skipBytes(in.readableBytes());
            context.close();
        }
    }

    /** As far as there are bytes. */
    private static boolean begins(ByteBuf in, byte[] signature) {
        int length = Math.min(in.readableBytes(), signature.length);
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != signature[i]) {
                return false;
            }
        }
        return true;
    }

    private void readLine(ChannelHandlerContext context, ByteBuf in) throws MalformedHeaderException {
        int from = in.readerIndex();
        int newline = in.indexOf(from, in.writerIndex(), (byte) '\n');
        int length = newline < 0 ? in.readableBytes() : newline + 1 - from;
        if (length > V1_LONGEST || (newline < 0 && length == V1_LONGEST)) {
            throw new MalformedHeaderException("its line is too long");
        }
        if (newline < 0) {
            return;
        }
        String line = in.readString(length, StandardCharsets.ISO_8859_1);
        if (!line.endsWith("\r\n")) {
            throw new MalformedHeaderException("its line does not end in CRLF");
        }
        finish(context, sourceOfLine(line.substring(0, length - 2).split(" ", -1)));
    }

    private static @Nullable String sourceOfLine(String[] words) throws MalformedHeaderException {
        if (words.length > 1 && words[1].equals("UNKNOWN")) {
            return null;
        }
        boolean ipv6 = words.length == 6 && words[1].equals("TCP6");
        boolean ipv4 = words.length == 6 && words[1].equals("TCP4");
        boolean wellFormed = (ipv4 || ipv6) && isPort(words[4]) && isPort(words[5]);
        String source = wellFormed ? literal(words[2], ipv6) : null;
        String destination = wellFormed ? literal(words[3], ipv6) : null;
        if (source == null || destination == null) {
            throw new MalformedHeaderException("its line is malformed");
        }
        return source;
    }

    private static boolean isPort(String word) {
        return PORT.matcher(word).matches() && Integer.parseInt(word) <= 65_535;
    }

    /** In its usual form; null when it is not a literal address of that family. No name service is asked. */
    private static @Nullable String literal(String word, boolean ipv6) {
        boolean looksLike = ipv6
                ? word.indexOf(':') >= 0 && word.matches("[0-9A-Fa-f:.]+")
                : word.matches("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
        if (!looksLike) {
            return null;
        }
        try {
            return InetAddress.getByName(word).getHostAddress();
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    private void readBinary(ChannelHandlerContext context, ByteBuf in) throws MalformedHeaderException {
        if (in.readableBytes() < V2_FIXED) {
            return;
        }
        int versionAndCommand = in.getUnsignedByte(in.readerIndex() + V2.length);
        int family = in.getUnsignedByte(in.readerIndex() + V2.length + 1);
        int rest = in.getUnsignedShort(in.readerIndex() + V2.length + 2);
        int command = versionAndCommand - VERSION_2;
        if ((command != COMMAND_LOCAL && command != COMMAND_PROXY) || rest > V2_LONGEST_REST) {
            throw new MalformedHeaderException("its version, command or length is not known");
        }
        if (in.readableBytes() < V2_FIXED + rest) {
            return;
        }
        in.skipBytes(V2_FIXED);
        ByteBuf body = in.readSlice(rest);
        finish(context, command == COMMAND_LOCAL ? null : sourceOf(family >> 4, body));
    }

    /** Null for families that have no internet address. */
    private static @Nullable String sourceOf(int family, ByteBuf body) throws MalformedHeaderException {
        if (family != FAMILY_IPV4 && family != FAMILY_IPV6) {
            return null;
        }
        byte[] source = new byte[family == FAMILY_IPV4 ? 4 : 16];
        if (body.readableBytes() < 2 * source.length + PORTS) {
            throw new MalformedHeaderException("it is too short for its addresses");
        }
        body.readBytes(source);
        try {
            return InetAddress.getByAddress(source).getHostAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void finish(ChannelHandlerContext context, @Nullable String source) {
        if (source != null) {
            context.fireUserEventTriggered(new Client(source));
        }
        // What was read beyond the header goes to the next handler.
        context.pipeline().remove(this);
    }
}
