package io.sluice.proxy.listener;

import io.sluice.proxy.TestSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random frames of HTTP/2: requests, what belongs to them, what does not, damaged octets, cut into random pieces, on connections that end at
 * random. Runs only when asked to, with {@code -Dfuzz.seconds=600} and perhaps {@code -Dseed=}: {@code docs/fuzzing.md}.
 */
@EnabledIfSystemProperty(named = "fuzz.seconds", matches = "\\d+")
class Http2FuzzTest {
    private static final String[] REQUEST = {":method", ":scheme", ":authority", ":path"};
    private static final String[][] FIELDS = {
        {"x", "y"},
        {"X-Upper", "y"},
        {"connection", "close"},
        {"transfer-encoding", "chunked"},
        {"content-length", "5"},
        {"content-length", "0"},
        {"content-length", "99999999999999999999"},
        {"te", "trailers"},
        {"te", "gzip"},
        {"upgrade", "websocket"},
        {"x", "a\r\nHost: evil"},
        {"x\r\ny", "a"},
        {"x", "a\0b"},
        {"", "empty"},
        {"x y", "z"},
        {":path", "/second"},
        {":unknown", "z"},
        {":status", "200"},
        {":protocol", "websocket"},
        {"host", "other.test"},
        {"host", "a.test"},
        {"cookie", "a=1"},
        {"cookie", "b=2"},
        {"expect", "100-continue"},
        {"via", "2.0 sluice"},
        {"x-long", "l".repeat(9_000)},
        {"keep-alive", "1"},
        {"proxy-connection", "x"},
    };
    private static final String[] METHODS = {
        "GET", "GET", "POST", "HEAD", "OPTIONS", "CONNECT", "TRACE", "get", "G T", ""
    };
    private static final String[] PATHS = {
        "/NUMBER",
        "/NUMBER",
        "/NUMBER?q",
        "*",
        "",
        "NUMBER",
        "/NUMBER /x",
        "/a/../NUMBER",
        "http://h/NUMBER",
        "/\u00e9NUMBER",
        "//NUMBER"
    };
    private static final String[] AUTHORITIES = {
        "a.test", "a.test", "a.test:80", "a test", "", "u@a.test", "a.test\r\nX: y"
    };

    private int requests;

    @Test
    void framesNeitherBreakNorConfuseTheProxy() throws Exception {
        FuzzRounds.run(TestSettings.listener("http2: true"), this::connect, port -> {
            try (Http2Client client = new Http2Client(port)) {
                client.get(1, "/end");
                return Integer.parseInt(client.read(1).status());
            }
        });
    }

    private void connect(int port, Random random) throws IOException {
        byte[] octets = octets(random);
        int end = random.nextInt(3) == 0 ? random.nextInt(octets.length) : octets.length;
        try (RawClient client = new RawClient(port)) {
            int at = 0;
            while (at < end) {
                int next = Math.min(
                        end, at + 1 + random.nextInt(Math.max(random.nextBoolean() ? 20 : 4_000, octets.length / 50)));
                // Not more than it wants: what comes after an error need not be read.
                client.writeQuietly(new String(octets, at, next - at, StandardCharsets.ISO_8859_1));
                at = next;
            }
            if (random.nextInt(4) == 0) {
                client.reset();
            } else {
                client.awaitSomething(random.nextInt(20));
            }
        }
    }

    private byte[] octets(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(out, Http2Client.SETTINGS, 0, 0, new byte[0]);
        int stream = -1;
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
            if (random.nextInt(3) > 0) {
                stream += 2;
                request(random, stream, out);
            } else {
                other(random, Math.max(1, stream), out);
            }
        }
        byte[] octets = out.toByteArray();
        for (int i = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0; i > 0; i--) {
            octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
        }
        return octets;
    }

    private void request(Random random, int stream, ByteArrayOutputStream out) {
        boolean odd = random.nextInt(4) == 0;
        List<String> fields = new ArrayList<>();
        String[] values = {
            odd ? pick(random, METHODS) : random.nextBoolean() ? "GET" : "POST",
            random.nextInt(20) == 0 ? "ftp" : "http",
            odd ? pick(random, AUTHORITIES) : "a.test",
            odd ? pick(random, PATHS) : "/NUMBER"
        };
        for (int i = 0; i < REQUEST.length; i++) {
            if (!odd || random.nextInt(10) > 0) {
                fields.add(REQUEST[i]);
                requests++;
                fields.add(values[i].replace("NUMBER", String.format("%07d", requests % 10_000_000)));
            }
        }
        for (int i = odd ? random.nextInt(4) : 0; i > 0; i--) {
            String[] field = FIELDS[random.nextInt(FIELDS.length)];
            int at = random.nextInt(8) == 0 ? 0 : fields.size();
            fields.add(at, field[1]);
            fields.add(at, field[0]);
        }
        byte[] block = Http2Client.fields(fields.toArray(String[]::new));
        boolean body = random.nextInt(3) == 0;
        int cut = random.nextInt(6) == 0 ? random.nextInt(block.length + 1) : block.length;
        int last = body ? 0 : Http2Client.END_STREAM;
        frame(
                out,
                Http2Client.HEADERS,
                last | (cut == block.length ? Http2Client.END_HEADERS : 0),
                stream,
                Arrays.copyOf(block, cut));
        if (cut < block.length) {
            byte[] rest = Arrays.copyOfRange(block, cut, block.length);
            frame(out, Http2Client.CONTINUATION, random.nextInt(8) == 0 ? 0 : Http2Client.END_HEADERS, stream, rest);
        }
        for (int i = body ? 1 + random.nextInt(3) : 0; i > 0; i--) {
            int end = i == 1 && random.nextInt(4) > 0 ? Http2Client.END_STREAM : 0;
            frame(
                    out,
                    Http2Client.DATA,
                    end,
                    stream,
                    new byte[random.nextInt(4) == 0 ? random.nextInt(16_000) : random.nextInt(10)]);
        }
    }

    /** Something else, on its place or not. */
    private static void other(Random random, int stream, ByteArrayOutputStream out) {
        int on = random.nextInt(3) == 0 ? 0 : random.nextInt(4) == 0 ? 1 + random.nextInt(40) : stream;
        byte[] junk = new byte[random.nextInt(4) == 0 ? random.nextInt(60) : 0];
        random.nextBytes(junk);
        switch (random.nextInt(10)) {
            case 0 -> frame(out, Http2Client.RST_STREAM, 0, on, new byte[] {0, 0, 0, (byte) random.nextInt(14)});
            case 1 ->
                frame(
                        out,
                        Http2Client.WINDOW_UPDATE,
                        0,
                        on,
                        integer(random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(70_000)));
            case 2 ->
                frame(
                        out,
                        Http2Client.SETTINGS,
                        random.nextInt(8) == 0 ? 1 : 0,
                        random.nextInt(8) == 0 ? on : 0,
                        setting(random));
            case 3 ->
                frame(
                        out,
                        Http2Client.PING,
                        0,
                        random.nextInt(8) == 0 ? on : 0,
                        new byte[random.nextInt(8) == 0 ? 3 : 8]);
            case 4 -> frame(out, Http2Client.PRIORITY, 0, on, new byte[] {0, 0, 0, (byte) stream, 9});
            case 5 -> frame(out, Http2Client.CONTINUATION, Http2Client.END_HEADERS, on, junk);
            case 6 -> frame(out, Http2Client.DATA, random.nextInt(2), on, junk);
            case 7 -> frame(out, Http2Client.HEADERS, random.nextInt(256), on, junk);
            case 8 -> frame(out, random.nextInt(256), random.nextInt(256), random.nextInt(), junk);
            default -> frame(out, Http2Client.GOAWAY, 0, 0, new byte[8]);
        }
    }

    private static byte[] setting(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(random.nextInt(10));
        out.writeBytes(integer(random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(70_000)));
        return out.toByteArray();
    }

    private static byte[] integer(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        out.writeBytes(integer(stream));
        out.writeBytes(payload);
    }

    private static String pick(Random random, String[] from) {
        return from[random.nextInt(from.length)];
    }
}
