package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Speaks HTTP/2 frame by frame, also wrongly, mostly as a client. Fields are written as they are given, without compression. */
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    private static final int WITH_PRIORITY = 0x20;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int INITIAL_WINDOW = 65_535;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    private static final Http2Headers NONE = EmptyHttp2Headers.INSTANCE;
    /** In place of a frame: the connection is over. */
    static final Frame END = new Frame(-1, 0, -1, new byte[0], NONE);

    private static final int TIMEOUT_MILLIS = 15_000;

    /** One that was received; headers are read already. */
    static final class Frame {
        private final int type;
        private final int flags;
        private final int stream;
        private final byte[] payload;
        private final Http2Headers headers;

        Frame(int type, int flags, int stream, byte[] payload, Http2Headers headers) {
            this.type = type;
            this.flags = flags;
            this.stream = stream;
            this.payload = payload;
            this.headers = headers;
        }

        int type() {
            return type;
        }

        int stream() {
            return stream;
        }

        byte[] payload() {
            return payload;
        }

        Http2Headers headers() {
            return headers;
        }

        /** Whether there is none, since the connection is over. */
        boolean isEnd() {
            return type < 0;
        }

        boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }

        int code() {
            int at = type == GOAWAY ? 4 : 0;
            return Unpooled.wrappedBuffer(payload).getInt(at);
        }

        String text() {
            return new String(payload, StandardCharsets.ISO_8859_1);
        }
    }

    /** All of one stream's frames. */
    record Response(Http2Headers headers, String body, Http2Headers trailers, int resetCode) {
        String status() {
            return headers.isEmpty() ? "" : headers.status().toString();
        }

        String header(String name) {
            return Objects.toString(headers.get(name), "");
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    /** What the other end takes of a new stream. */
    private long peersWindow = INITIAL_WINDOW;

    /** By stream; 0 is the connection. */
    private final Map<Integer, Long> granted = new HashMap<>();

    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

    Http2Client(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    Http2Client(Socket open) throws IOException {
        this(open, TIMEOUT_MILLIS);
        out.write(PREFACE);
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    private Http2Client(Socket open, int timeoutMillis) throws IOException {
        socket = open;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(timeoutMillis);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** The other end: one that was accepted, and allows so many streams. */
    static Http2Client serving(Socket accepted, int maxStreams) throws IOException {
        Http2Client server = new Http2Client(accepted, 0);
        if (!Arrays.equals(server.in.readNBytes(PREFACE.length), PREFACE)) {
            throw new IOException("that is not HTTP/2");
        }
        server.frame(
                SETTINGS,
                0,
                0,
                Unpooled.buffer(6)
                        .writeShort(MAX_CONCURRENT_STREAMS)
                        .writeInt(maxStreams)
                        .array());
        return server;
    }

    /** Sends so many bytes and the end of the stream, waiting for the other end to grant them. */
    void sendWithinWindow(int stream, int bytes) throws IOException {
        String part = "x".repeat(16_000);
        long ofStream = peersWindow + granted.getOrDefault(stream, 0L);
        long ofConnection = INITIAL_WINDOW + granted.getOrDefault(0, 0L);
        int left = bytes;
        while (left > 0) {
            int next = Math.min(left, part.length());
            if (ofStream >= next && ofConnection >= next) {
                data(stream, next == left, part.substring(0, next));
                left -= next;
                ofStream -= next;
                ofConnection -= next;
            } else {
                Frame frame = until(each -> each.type() == WINDOW_UPDATE);
                ofStream += frame.stream() == stream ? frame.code() : 0;
                ofConnection += frame.stream() == 0 ? frame.code() : 0;
            }
        }
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        frame.writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload);
        out.write(frame.array(), 0, frame.readableBytes());
        out.flush();
    }

    /** Names and values in turn. */
    static byte[] fields(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            literal(block, namesAndValues[i]);
            literal(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int length = bytes.length;
        if (length < 127) {
            out.write(length);
        } else {
            out.write(127);
            length -= 127;
            while (length >= 128) {
                out.write(length % 128 + 128);
                length /= 128;
            }
            out.write(length);
        }
        out.writeBytes(bytes);
    }

    void headers(int stream, boolean last, String... namesAndValues) throws IOException {
        frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, fields(namesAndValues));
    }

    void get(int stream, String path) throws IOException {
        headers(stream, true, ":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", path);
    }

    void post(int stream, String... more) throws IOException {
        byte[] usual = fields(":method", "POST", ":scheme", "http", ":authority", "a.test", ":path", "/");
        byte[] others = fields(more);
        byte[] all = new byte[usual.length + others.length];
        System.arraycopy(usual, 0, all, 0, usual.length);
        System.arraycopy(others, 0, all, usual.length, others.length);
        frame(HEADERS, END_HEADERS, stream, all);
    }

    void data(int stream, boolean last, String text) throws IOException {
        frame(DATA, last ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void reset(int stream, int code) throws IOException {
        frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, (byte) code});
    }

    void window(int stream, int bytes) throws IOException {
        frame(WINDOW_UPDATE, 0, stream, Unpooled.buffer(4).writeInt(bytes).array());
    }

    /** The next, or {@link #END}. */
    Frame next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(length);
            Http2Headers headers = type == HEADERS ? headers(flags, stream, Unpooled.wrappedBuffer(payload)) : NONE;
            if (type == WINDOW_UPDATE) {
                granted.merge(stream, (long) Unpooled.wrappedBuffer(payload).getInt(0), Long::sum);
            }
            if (type == SETTINGS && (flags & 1) == 0) {
                readSettings(Unpooled.wrappedBuffer(payload));
                frame(SETTINGS, 1, 0, new byte[0]);
            }
            return new Frame(type, flags, stream, payload, headers);
        } catch (EOFException | SocketException end) {
            return END;
        } catch (Http2Exception e) {
            throw new AssertionError("a header block that cannot be read", e);
        }
    }

    private Http2Headers headers(int flags, int stream, ByteBuf payload) throws Http2Exception {
        if ((flags & WITH_PRIORITY) != 0) {
            payload.skipBytes(5);
        }
        return decoder.decodeHeaders(stream, payload);
    }

    private void readSettings(ByteBuf settings) {
        while (settings.isReadable()) {
            int id = settings.readUnsignedShort();
            long value = settings.readUnsignedInt();
            peersWindow = id == INITIAL_WINDOW_SIZE ? value : peersWindow;
        }
    }

    /** Skips frames up to the first such. */
    Frame until(Predicate<Frame> wanted) throws IOException {
        Frame frame = untilOrEnd(wanted);
        if (frame.isEnd()) {
            throw new AssertionError("the connection ended before");
        }
        return frame;
    }

    private Frame untilOrEnd(Predicate<Frame> wanted) throws IOException {
        Frame frame = next();
        while (!frame.isEnd() && !wanted.test(frame)) {
            frame = next();
        }
        return frame;
    }

    /** Reads whatever comes until the connection is over. */
    void untilEnd() throws IOException {
        untilOrEnd(frame -> false);
    }

    /** Reads one stream to its end, granting all it needs. */
    Response read(int stream) throws IOException {
        Http2Headers headers = NONE;
        Http2Headers trailers = NONE;
        StringBuilder body = new StringBuilder();
        while (true) {
            Frame frame = untilOrEnd(each -> each.stream() == stream);
            if (frame.isEnd()) {
                return new Response(headers, body.toString(), trailers, -1);
            }
            if (frame.type() == HEADERS && headers.isEmpty()) {
                headers = frame.headers();
            } else if (frame.type() == HEADERS) {
                trailers = frame.headers();
            } else if (frame.type() == DATA) {
                body.append(frame.text());
                grant(stream, frame);
            } else if (frame.type() == RST_STREAM) {
                return new Response(headers, body.toString(), trailers, frame.code());
            }
            if (frame.endsStream()) {
                return new Response(headers, body.toString(), trailers, 0);
            }
        }
    }

    private void grant(int stream, Frame frame) throws IOException {
        if (frame.payload().length > 0) {
            window(0, frame.payload().length);
            if (!frame.endsStream()) {
                window(stream, frame.payload().length);
            }
        }
    }

    /** The code of the GOAWAY with which the connection ends; -1 when it ends without. */
    int goAwayCode() throws IOException {
        Frame frame = untilOrEnd(each -> each.type() == GOAWAY);
        return frame.isEnd() ? -1 : frame.code();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
