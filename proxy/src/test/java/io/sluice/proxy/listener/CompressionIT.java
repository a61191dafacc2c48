package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import com.github.luben.zstd.ZstdInputStream;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.route.RouteSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionIT {
    private static final String TEXT = "all work and no play makes a dull proxy. ".repeat(200);
    private static final RouteSettings ROUTE = TestSettings.route("compression: {on: true}");

    @TempDir
    Path folder;

    private static String decode(String coding, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        try (InputStream in = decoder(coding, new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static InputStream decoder(String coding, InputStream in) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPInputStream(in);
            case "br" -> new Unbrotlied(in);
            case "zstd" -> new ZstdInputStream(in).setContinuous(true);
            default -> in;
        };
    }

    private static RawBackend answering(int status, String... headers) {
        return new RawBackend(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(status, TEXT, headers);
            }
        });
    }

    private static RawClient.Response get(TestProxy proxy, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return RawClient.call(proxy.port(), "GET /x HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void compressesWhatGains(String coding) throws Exception {
        try (RawBackend backend = answering(
                        200,
                        "Content-Type: Text/HTML; charset=utf-8",
                        "ETag: \"1\"",
                        "Vary: Cookie",
                        "Accept-Ranges: bytes");
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 3; i++) {
                client.write("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: deflate, " + coding + "\r\n\r\n");
                RawClient.Response response = client.read();
                assertThat(response.header("Content-Encoding")).isEqualTo(coding);
                assertThat(response.header("ETag")).isEqualTo("W/\"1\"");
                assertThat(response.header("Vary")).isEqualTo("Cookie, Accept-Encoding");
                assertThat(response.head()).doesNotContain("Content-Length", "Accept-Ranges");
                assertThat(response.complete()).isTrue();
                assertThat(response.body().length()).isLessThan(TEXT.length() / 4);
                assertThat(decode(coding, response.body())).isEqualTo(TEXT);
            }
            RawClient.Response plain = get(proxy);
            assertThat(plain.body()).isEqualTo(TEXT);
            assertThat(plain.header("Vary")).isEqualTo("Cookie, Accept-Encoding");
            assertThat(plain.header("ETag")).isEqualTo("\"1\"");
            assertThat(plain.header("Accept-Ranges")).isEqualTo("bytes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip|gzip",
                "GZIP;q=0.5|gzip",
                "x-gzip|gzip",
                "*|zstd",
                "*, zstd;q=0|br",
                "*;q=0.1, identity;q=0|zstd",
                "gzip, deflate, br, zstd|zstd",
                "gzip, br|br",
                "br;q=1.0, gzip;q=0.8, *;q=0.1|br",
                "br;q=0.7, gzip;q=0.8, *;q=0.1|gzip",
                "br;q=0.7, identity;q=0.5, *;q=0|br",
                "deflate|''",
                "gzip;q=0|''",
                "gzip;q=0.000, *|zstd",
                "gzip;q=2|''",
                "identity, gzip;q=0.5, br;q=0.9|''",
                "identity|''",
                "gzipped, brotli, zstandard|''"
            })
    void heedsWhatTheClientTakes(String accepts, String coding) throws Exception {
        try (RawBackend backend = answering(200, "Content-Type: application/json");
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response = get(proxy, "Accept-Encoding: " + accepts);
            assertThat(response.header("Content-Encoding")).isEqualTo(coding);
            assertThat(decode(coding, response.body())).isEqualTo(TEXT);
        }
    }

    @Test
    void onlyWhatTheRouteOffersIsUsedAndInItsOrder() throws Exception {
        RouteSettings route = TestSettings.route("compression: {on: true, codings: [gzip, br]}");
        try (RawBackend backend = answering(200, "Content-Type: application/json");
                TestProxy proxy = TestProxy.to(route, backend)) {
            assertThat(get(proxy, "Accept-Encoding: zstd, br, gzip").header("Content-Encoding"))
                    .isEqualTo("gzip");
            assertThat(get(proxy, "Accept-Encoding: zstd, br, gzip;q=0.9").header("Content-Encoding"))
                    .isEqualTo("br");
            assertThat(get(proxy, "Accept-Encoding: zstd").header("Content-Encoding"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/event-stream",
                "Content-Type: image/png",
                "X-No: type",
                "Content-Type: text/plain\r\nContent-Encoding: br",
                "Content-Type: text/plain\r\nCache-Control: public, No-Transform",
                "Content-Type: text/plain\r\nContent-Range: bytes 0-1/2"
            })
    void leavesTheRestAlone(String headers) throws Exception {
        try (RawBackend backend = answering(200, headers.split("\r\n", -1));
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response = get(proxy, "Accept-Encoding: gzip");
            assertThat(response.body()).isEqualTo(TEXT);
            assertThat(response.header("Content-Length")).isEqualTo(String.valueOf(TEXT.length()));
            assertThat(response.header("Content-Encoding")).isNotEqualTo("gzip");
            assertThat(response.header("Vary")).isEmpty();
        }
    }

    @Test
    void whatIsShortOrForAnOldClientStaysAsItIs() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    while (!connection.readRequest().isEmpty()) {
                        connection.respond(200, "short", "Content-Type: text/plain");
                    }
                });
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            assertThat(get(proxy, "Accept-Encoding: gzip").body()).isEqualTo("short");
        }
        try (RawBackend backend = answering(200, "Content-Type: text/plain");
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response old =
                    RawClient.call(proxy.port(), "GET / HTTP/1.0\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
            assertThat(old.body()).isEqualTo(TEXT);
            RawClient.Response oldHead =
                    RawClient.call(proxy.port(), "HEAD / HTTP/1.0\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
            assertThat(oldHead.header("Content-Length")).isEqualTo(String.valueOf(TEXT.length()));
        }
    }

    @Test
    void whatAnswersHeadTellsOfWhatGetWouldGet() throws Exception {
        try (RawBackend backend = answering(200, "Content-Type: text/plain", "ETag: \"1\"");
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            String head = "HEAD / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n";
            RawClient.Response first = RawClient.call(proxy.port(), head);
            assertThat(first.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(first.header("ETag")).isEqualTo("W/\"1\"");
            assertThat(first.header("Vary")).isEqualTo("Accept-Encoding");
            assertThat(first.head()).doesNotContain("Content-Length", "Transfer-Encoding");
        }
    }

    @Test
    void aRangeVariesAsTheWholeDoes() throws Exception {
        try (RawBackend backend = answering(206, "Content-Type: text/plain", "Content-Range: bytes 0-1/2");
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response part = get(proxy, "Accept-Encoding: gzip\r\nRange: bytes=0-1");
            assertThat(part.header("Content-Encoding")).isEmpty();
            assertThat(part.header("Vary")).isEqualTo("Accept-Encoding");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void whatABackendSendsCanBeReadAtOnce(String coding) throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
                    connection.write("5\r\nfirst\r\n");
                    try {
                        if (!read.await(20, TimeUnit.SECONDS)) {
                            throw new IOException("the first part cannot be read");
                        }
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    connection.write("6\r\nsecond\r\n0\r\n\r\n");
                });
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + coding + "\r\n\r\n");
            client.readHead();
            InputStream decoded = decoder(coding, new Dechunked(client.in()));
            assertThat(new String(decoded.readNBytes(5), StandardCharsets.US_ASCII))
                    .isEqualTo("first");
            read.countDown();
            assertThat(new String(decoded.readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("second");
        }
    }

    @Test
    void aResponseThatIsCutIsNotEnded() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\n" + TEXT);
                });
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response = get(proxy, "Accept-Encoding: gzip");
            assertThat(response.complete()).isFalse();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RESPONSE_CUT);
        }
    }

    @Test
    void compressesFilesAndGivesTheirRangesAsTheyAre() throws Exception {
        StringBuilder text = new StringBuilder();
        Random random = new Random(2);
        while (text.length() < 1_500_000) {
            text.append(random.nextInt(1000)).append(' ');
        }
        Files.writeString(folder.resolve("x"), text);
        Files.writeString(folder.resolve("large.txt"), text);
        String files = "files: {root: '" + folder + "'}";
        try (TestProxy proxy = TestProxy.to(TestSettings.route(files, "compression: {on: true}"));
                RawClient client = new RawClient(proxy.port())) {
            String etag = "";
            for (String coding : List.of("gzip", "br", "zstd")) {
                client.write("GET /large.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + coding + "\r\n\r\n");
                RawClient.Response response = client.read();
                assertThat(decode(coding, response.body()).contentEquals(text)).isTrue();
                etag = response.header("ETag");
                assertThat(etag).startsWith("W/");
            }
            client.write("GET /large.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nIf-None-Match: " + etag
                    + "\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(304);
            client.write("GET /large.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nRange: bytes=0-2999\r\n\r\n");
            assertThat(client.read().body()).isEqualTo(text.substring(0, 3000));
        }
    }

    /** Other than the library's stream, this gives out what it has. */
    private static final class Unbrotlied extends InputStream {
        private final InputStream in;
        private final DecoderJNI.Wrapper decoder = new DecoderJNI.Wrapper(1);
        private ByteBuffer decoded = ByteBuffer.allocate(0);

        Unbrotlied(InputStream in) throws IOException {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            while (!decoded.hasRemaining()) {
                switch (decoder.getStatus()) {
                    case NEEDS_MORE_OUTPUT -> decoded = decoder.pull();
                    case OK -> decoder.push(0);
                    case NEEDS_MORE_INPUT -> {
                        if (decoder.hasOutput()) {
                            decoded = decoder.pull();
                        } else {
                            feed(in.read());
                        }
                    }
                    case DONE -> {
                        return -1;
                    }
                    case ERROR -> throw new IOException("not Brotli");
                }
            }
            return decoded.get() & 0xff;
        }

        private void feed(int octet) throws IOException {
            if (octet < 0) {
                throw new IOException("the stream is cut");
            }
            decoder.getInputBuffer().put(0, (byte) octet);
            decoder.push(1);
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int octet = read();
            if (octet < 0) {
                return -1;
            }
            into[from] = (byte) octet;
            return 1;
        }

        @Override
        public void close() throws IOException {
            decoder.destroy();
            in.close();
        }
    }

    /** Takes the chunks' frames away. */
    private static final class Dechunked extends InputStream {
        private final InputStream in;
        private int left;

        Dechunked(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                StringBuilder size = new StringBuilder();
                int c = in.read();
                while (c != '\n' || size.toString().isBlank()) {
                    size.append((char) c);
                    c = in.read();
                }
                left = Integer.parseInt(size.toString().strip(), 16);
                if (left == 0) {
                    return -1;
                }
            }
            left--;
            return in.read();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int octet = read();
            if (octet < 0) {
                return -1;
            }
            into[from] = (byte) octet;
            return 1;
        }
    }
}
