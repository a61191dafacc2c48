package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.forward.Failure;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client may leave at any moment: no backend sees a complete request that was not, and nothing stays behind. */
class ClientAbortIT {
    private static final String FIELDS = " HTTP/1.1\r\nHost: h\r\n";
    private static final String NEXT = "GET /next" + FIELDS + "\r\n";

    static Stream<Arguments> unfinished() {
        String length = "POST /x" + FIELDS + "Content-Length: 100000\r\n\r\n";
        String chunked = "POST /x" + FIELDS + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                        "",
                        "PO",
                        "POST /x" + FIELDS,
                        "POST /x" + FIELDS + "Content-Le",
                        "POST /x" + FIELDS + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
                        "POST /x" + FIELDS + "Content-Length: 5\r\n\r\nhell",
                        length,
                        length + "hello",
                        chunked,
                        chunked + "5",
                        chunked + "5\r\nhel",
                        chunked + "5\r\nhello\r\n",
                        chunked + "5\r\nhello\r\n0\r\n",
                        chunked + "5\r\nhello\r\n0\r\nX: y\r\n")
                .flatMap(request -> Stream.of(Arguments.of(request, true), Arguments.of(request, false)));
    }

    private static void leave(RawClient client, boolean byReset) throws IOException {
        if (byReset) {
            client.reset();
        } else {
            client.close();
        }
    }

    private static RawBackend recording() {
        return new RawBackend(connection -> {
            while (!connection.readWire().isEmpty()) {
                connection.respond(200, "ok");
            }
        });
    }

    private static void assertNothingIsLeft(TestProxy proxy, RawBackend backend) throws Exception {
        Waiting.until("lease returned", () -> proxy.backend("b1").inFlight() == 0);
        assertThat(RawClient.call(proxy.port(), NEXT).body()).isEqualTo("ok");
        assertThat(backend.nextWire()).startsWith("GET /next ");
        assertThat(backend.wire).isEmpty();
    }

    @ParameterizedTest(name = "\"{0}\" reset={1}")
    @MethodSource("unfinished")
    void anUnfinishedRequestNeverArrives(String request, boolean byReset) throws Exception {
        try (RawBackend backend = recording();
                TestProxy proxy = TestProxy.to(backend)) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.write(request);
                leave(client, byReset);
            }
            if (request.contains("\r\n\r\n")) {
                assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
            }
            assertNothingIsLeft(proxy, backend);
        }
    }

    /** And behind one that was answered, on the same connection. */
    @ParameterizedTest(name = "\"{0}\" reset={1}")
    @MethodSource("unfinished")
    void anUnfinishedSecondRequestNeverArrives(String request, boolean byReset) throws Exception {
        try (RawBackend backend = recording();
                TestProxy proxy = TestProxy.to(backend)) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.write("GET /first" + FIELDS + "\r\n" + request);
                assertThat(client.read().body()).isEqualTo("ok");
                assertThat(backend.nextWire()).startsWith("GET /first ");
                leave(client, byReset);
            }
            assertNothingIsLeft(proxy, backend);
        }
    }

    /** While the backend thinks, in the middle of its response, and with further requests sent ahead. */
    @ParameterizedTest(name = "after \"{0}\"")
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 103 Early\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\n\r\nhello"
            })
    void aClientThatLeavesFreesItsBackend(String begun) throws Exception {
        for (boolean byReset : new boolean[] {true, false}) {
            try (RawBackend backend = new RawBackend(connection -> {
                        connection.readWire();
                        connection.write(begun);
                        // Until the proxy closes it.
                        connection.readHead();
                    });
                    TestProxy proxy = TestProxy.to(backend)) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.write("GET /x" + FIELDS + "\r\n" + NEXT.repeat(3));
                    assertThat(backend.nextWire()).startsWith("GET /x ");
                    if (!begun.isEmpty()) {
                        assertThat(client.readHead()).startsWith("HTTP/1.1 ");
                    }
                    leave(client, byReset);
                }
                assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
                Waiting.until("lease returned", () -> proxy.backend("b1").inFlight() == 0);
                assertThat(proxy.passive).isEmpty();
            }
        }
    }

    /** Connections that are closed as soon as they are open are handed from one thread to another, and must be forgotten all the same. */
    @ParameterizedTest(name = "reset={0}")
    @ValueSource(booleans = {true, false})
    void connectionsThatSayNothingAreForgotten(boolean byReset) throws Exception {
        try (RawBackend backend = recording();
                TestProxy proxy = TestProxy.to(backend)) {
            for (int i = 0; i < 500; i++) {
                leave(new RawClient(proxy.port()), byReset);
            }
            assertNothingIsLeft(proxy, backend);
        }
    }
}
