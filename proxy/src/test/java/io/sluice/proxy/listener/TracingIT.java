package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.RouteSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which trace context a backend gets. */
class TracingIT {
    private static final String GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    private static final RouteSettings ROUTE = TestSettings.route();

    private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();

    private final ExchangeObserver log = new ExchangeObserver() {
        @Override
        public void exchangeEnded(FinishedExchange exchange) {
            logged.add(exchange.traceId());
        }
    };

    private TestProxy proxy(boolean trusting, String tracing, RawBackend... backends) {
        String peers = trusting ? "trusted-peers: [127.0.0.0/8]" : "";
        ListenerSettings settings = TestSettings.listener(peers, "tracing: " + tracing);
        return TestProxy.observed(log, TestProxy.fixedPool(backends), settings, ROUTE);
    }

    /** The lines of that field in the next request to the backend. */
    private static List<String> values(String request, String name) {
        List<String> values = new ArrayList<>();
        for (String line : request.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name + ": ")) {
                values.add(line.substring(name.length() + 2));
            }
        }
        return values;
    }

    private static String send(TestProxy proxy, RawBackend backend, String... fields) throws Exception {
        String head = "GET / HTTP/1.1\r\nHost: h\r\n";
        for (String field : fields) {
            head += field + "\r\n";
        }
        assertThat(RawClient.call(proxy.port(), head + "\r\n").status()).isEqualTo(200);
        return backend.nextRequest();
    }

    private String nextLogged() throws InterruptedException {
        String id = logged.poll(20, TimeUnit.SECONDS);
        assertThat(id).isNotNull();
        return id;
    }

    @Test
    void aTrustedPeersContextIsPassedOnAsItIs() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(true, "{on: true}", backend)) {
            String request = send(
                    proxy, backend, "Traceparent: " + GIVEN, "tracestate: a=1, b=2", "X-Other: 1", "Tracestate: c=3");
            assertThat(values(request, "traceparent")).containsExactly(GIVEN);
            assertThat(values(request, "tracestate")).containsExactly("a=1, b=2,c=3");
            assertThat(values(request, "x-other")).containsExactly("1");
            assertThat(nextLogged()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        }
    }

    @Test
    void anInvalidOrDoubtfulContextIsReplacedWithItsState() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(true, "{on: true}", backend)) {
            String broken = send(proxy, backend, "traceparent: 00-xyz", "tracestate: a=1");
            assertThat(values(broken, "traceparent")).hasSize(1).allMatch(TracingIT::isNew);
            assertThat(values(broken, "tracestate")).isEmpty();
            String twice = send(proxy, backend, "traceparent: " + GIVEN, "traceparent: " + GIVEN);
            assertThat(values(twice, "traceparent")).hasSize(1).allMatch(TracingIT::isNew);
        }
    }

    private static boolean isNew(String parent) {
        return parent.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01")
                && !parent.contains("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @Test
    void aClientThatIsNotTrustedGetsATraceOfItsOwn() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(false, "{on: true}", backend)) {
            String request = send(proxy, backend, "traceparent: " + GIVEN, "tracestate: a=1");
            assertThat(values(request, "traceparent")).hasSize(1).allMatch(TracingIT::isNew);
            assertThat(values(request, "tracestate")).isEmpty();
            assertThat(values(request, "traceparent").get(0)).contains(nextLogged());
            assertThat(values(send(proxy, backend), "traceparent"))
                    .hasSize(1)
                    .allMatch(TracingIT::isNew)
                    .isNotEqualTo(values(request, "traceparent"));
        }
    }

    @Test
    void tracesThatNobodyWantsRecordedSaySo() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(false, "{on: true, sampled-percent: 0}", backend)) {
            assertThat(values(send(proxy, backend), "traceparent").get(0)).endsWith("-00");
        }
    }

    @Test
    void allAttemptsOfARequestAreOneTrace() throws Exception {
        RawBackend.Script refusing = connection -> {
            connection.readRequest();
            connection.respond(503, "no");
        };
        try (RawBackend first = new RawBackend(refusing);
                RawBackend second = new RawBackend(refusing);
                TestProxy proxy = proxy(false, "{on: true}", first, second)) {
            RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(values(first.nextRequest(), "traceparent"))
                    .hasSize(1)
                    .isEqualTo(values(second.nextRequest(), "traceparent"));
        }
    }

    @Test
    void withoutTracingTheFieldsAreLikeAnyOther() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(false, "{on: false}", backend)) {
            assertThat(values(send(proxy, backend, "traceparent: x"), "traceparent"))
                    .containsExactly("x");
            assertThat(nextLogged()).isEmpty();
        }
    }
}
