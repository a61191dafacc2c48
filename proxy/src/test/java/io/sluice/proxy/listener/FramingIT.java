package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request begins and ends (RFC 9112): what could be read in two ways is refused, and what is passed on is compared byte by byte. */
class FramingIT {
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String NEXT = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    private static RawBackend backend;
    private static TestProxy proxy;

    @BeforeAll
    static void start() {
        backend = new RawBackend(connection -> {
            while (!connection.readWire().isEmpty()) {
                connection.respond(200, "ok");
            }
        });
        proxy = TestProxy.to(backend);
    }

    @AfterAll
    static void stop() {
        proxy.close();
        backend.close();
    }

    @AfterEach
    void nothingIsLeftOver() {
        Waiting.until("lease returned", () -> proxy.backend("b1").inFlight() == 0);
        backend.wire.clear();
    }

    private static Arguments head(String what, int status, String fields) {
        return Arguments.of(what, status, POST + fields + "\r\n\r\n" + "0\r\n\r\n" + NEXT);
    }

    private static Arguments chunks(String what, String body) {
        return Arguments.of(what, 400, CHUNKED + body + NEXT);
    }

    static Stream<Arguments> refusedHeads() {
        return Stream.of(
                head("TE then CL", 400, "Transfer-Encoding: chunked\r\nContent-Length: 5"),
                head("CL then TE", 400, "Content-Length: 5\r\nTransfer-Encoding: chunked"),
                head("CL 0 and TE", 400, "Content-Length: 0\r\nTransfer-Encoding: chunked"),
                head("TE with a tab before its colon", 400, "Transfer-Encoding\t: chunked"),
                head("TE with a space before its colon", 400, "Transfer-Encoding : chunked"),
                head("TE with a space before its name", 400, " Transfer-Encoding: chunked"),
                head("TE after a vertical tab", 400, "Transfer-Encoding:\u000bchunked"),
                head("TE in quotes", 501, "Transfer-Encoding: \"chunked\""),
                head("TE with a prefix", 501, "Transfer-Encoding: xchunked"),
                head("TE with a parameter", 501, "Transfer-Encoding: chunked;q=1"),
                head("TE identity", 501, "Transfer-Encoding: identity"),
                head("TE empty", 501, "Transfer-Encoding:"),
                head("TE twice", 501, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
                head("TE chunked, identity", 501, "Transfer-Encoding: chunked, identity"),
                head("TE identity, chunked", 501, "Transfer-Encoding: identity, chunked"),
                head("TE with a comma", 501, "Transfer-Encoding: chunked,"),
                head("TE behind a folded line", 400, "X: y\r\n Transfer-Encoding: chunked"),
                head("TE folded", 400, "Transfer-Encoding:\r\n chunked"),
                head("TE behind a bare LF", 400, "X: y\nTransfer-Encoding: chunked"),
                head("TE behind a bare CR", 400, "X: y\rTransfer-Encoding: chunked"),
                head("TE with NUL", 400, "Transfer-Encoding: chunked\0"),
                head("CL list", 400, "Content-Length: 5, 5"),
                head("CL twice, equal", 400, "Content-Length: 5\r\nContent-Length: 5"),
                head("CL in hex", 400, "Content-Length: 0x5"),
                head("CL with a fraction", 400, "Content-Length: 5.0"),
                head("CL with an exponent", 400, "Content-Length: 5e0"),
                head("CL with a blank inside", 400, "Content-Length: 5 5"),
                head("CL empty", 400, "Content-Length:"),
                head("CL overflowing to 5", 400, "Content-Length: 18446744073709551621"),
                head("CL of 2^63-1", 400, "Content-Length: 9223372036854775807"),
                head("CL with a letter", 400, "Content-Length: 5a"),
                head("CL with other digits", 400, "Content-Length: \u00b2"),
                head("a field without colon", 400, "X"),
                head("a field without name", 400, ": x"),
                head("a blank in a name", 400, "X y: z"),
                head("a parenthesis in a name", 400, "X(: z"),
                head("an octet beyond ASCII in a name", 400, "X\u00e9: z"),
                head("DEL in a value", 400, "X: a\u007fb"),
                head("BEL in a value", 400, "X: a\u0007b"),
                head("ESC in a value", 400, "X: a\u001bb"));
    }

    static Stream<Arguments> refusedLines() {
        return Stream.of(
                Arguments.of("HTTP/0.9", 400, "GET /\r\n\r\n"),
                Arguments.of("lower-case version", 400, "GET / http/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("HTTP/2.0", 400, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
                Arguments.of("HTTP/1.10", 400, "GET / HTTP/1.10\r\nHost: h\r\n\r\n"),
                Arguments.of("HTTP/1", 400, "GET / HTTP/1\r\nHost: h\r\n\r\n"),
                Arguments.of("no version digit", 400, "GET / HTTP/1.x\r\nHost: h\r\n\r\n"),
                Arguments.of("a blank after the version", 400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
                Arguments.of("two blanks", 400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("a tab", 400, "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("a blank in the target", 400, "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("a blank before the method", 400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("an octet beyond ASCII in the target", 400, "GET /\u00e9 HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("NUL in the target", 400, "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("bare CR in the line", 400, "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("bare LF after the line", 400, "GET / HTTP/1.1\nHost: h\r\n\r\n"),
                Arguments.of("bare LF after the head", 400, "GET / HTTP/1.1\r\nHost: h\r\n\n"),
                Arguments.of("a bare LF before the line", 400, "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("three empty lines", 400, "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("a folded first field", 400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
                Arguments.of("TLS", 400, "\u0016\u0003\u0001\u0002\0\u0001\0\r\n"),
                Arguments.of("HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                Arguments.of("two Hosts, one invalid", 400, "GET / HTTP/1.1\r\nHost: h\r\nHost: a b\r\n\r\n"),
                Arguments.of("Host with NUL", 400, "GET / HTTP/1.1\r\nHost: h\0\r\n\r\n"),
                Arguments.of("Host list", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
                Arguments.of("absolute-form, no Host", 400, "GET http://h/ HTTP/1.1\r\n\r\n"),
                Arguments.of("absolute-form, two Hosts", 400, "GET http://h/ HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"),
                Arguments.of("absolute-form, empty", 400, "GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("authority-form", 400, "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n"),
                Arguments.of("1.0 and TE", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("the longest line and more", 414, "GET /" + "a".repeat(8200) + " HTTP/1.1\r\n"),
                Arguments.of("a line without end", 414, "a".repeat(20_000)),
                Arguments.of("too many fields", 431, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n".repeat(200) + "\r\n"),
                Arguments.of("a field without end", 431, "GET / HTTP/1.1\r\nX: " + "a".repeat(70_000)),
                Arguments.of("a name without end", 431, "GET / HTTP/1.1\r\n" + "a".repeat(70_000)));
    }

    static Stream<Arguments> refusedChunks() {
        return Stream.of(
                chunks("no digits", "\r\nhello\r\n0\r\n\r\n"),
                chunks("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
                chunks("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size in 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with a blank before", " 5\r\nhello\r\n0\r\n\r\n"),
                chunks("two sizes", "5 6\r\nhello\r\n0\r\n\r\n"),
                chunks("a size of 2^64+5", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
                chunks("a size of 2^32+5 in many digits", "0000000000100000005\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with an underscore", "5_\r\nhello\r\n0\r\n\r\n"),
                chunks("a size before a bare LF", "5\nhello\r\n0\r\n\r\n"),
                chunks("a size before a bare CR", "5\rhello\r\n0\r\n\r\n"),
                chunks("an extension with a bare LF", "5;a\nhello\r\n0\r\n\r\n"),
                chunks("an extension with a bare CR", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
                chunks("an extension with NUL", "5;a\0\r\nhello\r\n0\r\n\r\n"),
                chunks("an extension without end", "5;" + "a".repeat(5000) + "\r\nhello\r\n0\r\n\r\n"),
                chunks("extensions without end", ("1;" + "a".repeat(900) + "\r\nx\r\n").repeat(40) + "0\r\n\r\n"),
                chunks("blanks without end", "5" + " ".repeat(5000) + "\r\nhello\r\n0\r\n\r\n"),
                chunks("no CRLF after the data", "5\r\nhello0\r\n\r\n"),
                chunks("more data than size", "5\r\nhello!\r\n0\r\n\r\n"),
                chunks("a bare LF after the data", "5\r\nhello\n0\r\n\r\n"),
                chunks("a bare CR after the data", "5\r\nhello\r0\r\n\r\n"),
                chunks("a folded trailer", "5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"),
                chunks("a trailer without colon", "5\r\nhello\r\n0\r\nX\r\n\r\n"),
                chunks("a trailer before a bare LF", "5\r\nhello\r\n0\r\nX: y\n\r\n"),
                chunks("a bare LF after the last chunk", "5\r\nhello\r\n0\n\r\n"),
                chunks("a bare LF after the trailers", "5\r\nhello\r\n0\r\n\n"),
                chunks("trailers without end", "5\r\nhello\r\n0\r\n" + "X: y\r\n".repeat(9_000)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"refusedHeads", "refusedLines"})
    void refusesWhatIsAmbiguous(String what, int status, String request) throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write(request);
            RawClient.Response response = client.read();
            assertThat(response.status()).as(what).isEqualTo(status);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.wire).isEmpty();
        }
    }

    /** The head is fine and may have left, but never a complete request, and nothing of what follows is taken for one. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedChunks")
    void refusesBrokenChunks(String what, int status, String request) throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write(request);
            assertThat(client.read().status()).as(what).isEqualTo(status);
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.wire).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"refusedHeads", "refusedChunks"})
    void refusesTheSameInPieces(String what, int status, String request) throws Exception {
        Random random = new Random(what.hashCode());
        try (RawClient client = new RawClient(proxy.port())) {
            Thread writer = new Thread(() -> writeInPieces(client, request, random));
            writer.start();
            assertThat(client.read().status()).as(what).isEqualTo(status);
            client.reset();
            writer.join();
            assertThat(backend.wire).isEmpty();
        }
    }

    private static void writeInPieces(RawClient client, String request, Random random) {
        int at = 0;
        while (at < request.length()) {
            int end = Math.min(request.length(), at + 1 + random.nextInt(request.length() > 1000 ? 2000 : 7));
            client.writeQuietly(request.substring(at, end));
            at = end;
        }
    }

    private static String forwarded(String line, String host, String kept, String own, String body) {
        return line + "\r\nHost: " + host + "\r\n" + kept
                + "X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "
                + host
                + "\r\nForwarded: for=127.0.0.1;proto=http\r\nVia: 1.1 sluice\r\nX-Request-ID: *\r\n" + own + "\r\n"
                + body;
    }

    static Stream<Arguments> passedOn() {
        String te = "Transfer-Encoding: chunked\r\n";
        return Stream.of(
                Arguments.of("GET / HTTP/1.1\r\nHost: h\r\n\r\n", forwarded("GET / HTTP/1.1", "h", "", "", "")),
                Arguments.of("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", forwarded("GET / HTTP/1.1", "h", "", "", "")),
                Arguments.of("GET / HTTP/1.1\r\nhOST:h\r\n\r\n", forwarded("GET / HTTP/1.1", "h", "", "", "")),
                Arguments.of(
                        "GET / HTTP/1.1\r\nHost: \t h \t\r\nX:\r\ny: \u00e9 \tz \r\n\r\n",
                        forwarded("GET / HTTP/1.1", "h", "X:\r\ny: \u00e9 \tz \r\n", "", "")),
                Arguments.of("GET / HTTP/1.7\r\nHost: h\r\n\r\n", forwarded("GET / HTTP/1.1", "h", "", "", "")),
                Arguments.of(
                        "GET HTTP://b/x HTTP/1.1\r\nHost: h\r\n\r\n", forwarded("GET /x HTTP/1.1", "b", "", "", "")),
                Arguments.of(
                        "GET http://b?q HTTP/1.1\r\nHost: h\r\n\r\n", forwarded("GET /?q HTTP/1.1", "b", "", "", "")),
                Arguments.of(
                        POST + "Content-Length: 005\r\n\r\nhello",
                        forwarded("POST / HTTP/1.1", "h", "Content-Length: 005\r\n", "", "hello")),
                Arguments.of(
                        POST + "Content-Length: 0\r\n\r\n",
                        forwarded("POST / HTTP/1.1", "h", "Content-Length: 0\r\n", "", "")),
                Arguments.of(
                        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n\r\n",
                        forwarded("GET / HTTP/1.1", "h", "Content-Length: 2\r\n", "", "\r\n")),
                Arguments.of(
                        CHUNKED + "5\r\nhello\r\n0\r\n\r\n",
                        forwarded("POST / HTTP/1.1", "h", "", te, "5\r\nhello\r\n0\r\n\r\n")),
                Arguments.of(
                        POST
                                + "tRANSFER-eNCODING: CHUNKED\r\n\r\n0005 ;a=\"b\" ; c\r\nhello\r\n0A\r\n0123456789\r\n00 \r\n\r\n",
                        forwarded("POST / HTTP/1.1", "h", "", te, "5\r\nhello\r\na\r\n0123456789\r\n0\r\n\r\n")),
                Arguments.of(
                        CHUNKED + "1\r\n0\r\n0\r\nX: y\r\nContent-Length: 9\r\nHost: evil\r\n\r\n",
                        forwarded("POST / HTTP/1.1", "h", "", te, "1\r\n0\r\n0\r\nX: y\r\n\r\n")),
                Arguments.of(
                        POST
                                + "Connection: close, X-Forwarded-For, x-own , ,Host,Content-Length,Via\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nhi",
                        forwarded("POST / HTTP/1.1", "h", "Content-Length: 2\r\n", "", "hi")),
                Arguments.of(
                        POST
                                + "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
                        forwarded("POST / HTTP/1.1", "h", "", te, "2\r\nhi\r\n0\r\n\r\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passedOn")
    void passesOnExactlyThis(String request, String seen) throws Exception {
        assertThat(RawClient.call(proxy.port(), request).status()).isEqualTo(200);
        assertThat(backend.nextWire()).isEqualTo(seen);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passedOn")
    void passesOnTheSameByteByByte(String request, String seen) throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < request.length(); i++) {
                client.write(request.substring(i, i + 1));
            }
            assertThat(client.read().status()).isEqualTo(200);
            String wire = backend.nextWire();
            assertThat(RawBackend.withoutChunks(wire)).isEqualTo(RawBackend.withoutChunks(seen));
        }
    }

    /** Every position once: the head, the chunks and the next request meet each other in the same read or in two. */
    @Test
    void cutsAtEveryPositionMakeNoDifference() throws Exception {
        String request = CHUNKED + "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n";
        String first = forwarded(
                "POST / HTTP/1.1", "h", "", "Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\nT: 1\r\n\r\n");
        String second = forwarded("GET /next HTTP/1.1", "h", "", "", "");
        for (int cut = 1; cut < request.length(); cut++) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.write(request.substring(0, cut));
                client.write(request.substring(cut));
                assertThat(client.read().status()).as("cut at %d", cut).isEqualTo(200);
                assertThat(client.read().status()).as("cut at %d", cut).isEqualTo(200);
                assertThat(RawBackend.withoutChunks(backend.nextWire()))
                        .as("cut at %d", cut)
                        .isEqualTo(RawBackend.withoutChunks(first));
                assertThat(backend.nextWire()).isEqualTo(second);
            }
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(ints = {1, 2, 3})
    void manyRequestsInOneSegmentAreAnsweredInOrder(int seed) throws Exception {
        Random random = new Random(seed);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String body = "b".repeat(random.nextInt(200));
            all.append("POST /").append(i).append(" HTTP/1.1\r\nHost: h\r\n");
            if (random.nextBoolean()) {
                all.append("Content-Length: ")
                        .append(body.length())
                        .append("\r\n\r\n")
                        .append(body);
            } else {
                all.append("Transfer-Encoding: chunked\r\n\r\n");
                all.append(body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n");
                all.append("0\r\n\r\n");
            }
        }
        try (RawClient client = new RawClient(proxy.port())) {
            client.write(all.toString());
            for (int i = 0; i < 300; i++) {
                assertThat(client.read().status()).isEqualTo(200);
                assertThat(backend.nextWire()).startsWith("POST /" + i + " ");
            }
        }
    }

    @Test
    void aRefusalWithoutAmbiguityKeepsTheConnection() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nGET /proxy-health HTTP/1.1\r\nHost: h\r\n\r\n");
            client.write("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + NEXT);
            assertThat(client.read().status()).isEqualTo(204);
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.read().header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.nextWire()).startsWith("GET /last ");
            assertThat(backend.wire).isEmpty();
        }
    }

    @Test
    void http10KeepsTheConnectionOnlyWhenItAsksForThat() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write("GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
            assertThat(client.read().header("Connection")).isEqualTo("keep-alive");
            client.write("GET /2 HTTP/1.0\r\n\r\n");
            assertThat(client.read().header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.nextWire()).startsWith("GET /1 HTTP/1.1\r\nHost: " + backend.address());
        }
    }
}
