package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients with HTTP/2 whose proxy is replaced by another process, or is about to stop. */
class Http2GoodbyeIT {
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    /** Stands still unless it is moved. */
    private final AtomicLong nanos = new AtomicLong(System.nanoTime());

    private void answer(RawBackend.Connection connection) throws IOException {
        String head = connection.readRequest();
        while (!head.isEmpty()) {
            if (head.contains("/slow")) {
                await();
            }
            connection.respond(200, "ok");
            head = connection.readRequest();
        }
    }

    private void await() throws IOException {
        try {
            assertThat(mayGoOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @ParameterizedTest(name = "replaced={0}")
    @ValueSource(booleans = {true, false})
    void theyAreToldAtOnceAndWhatRunsIsFinished(boolean replaced) throws Exception {
        try (RawBackend backend = new RawBackend(this::answer);
                TestProxy proxy = TestProxy.timed(
                        nanos::get,
                        TestProxy.fixedPool(backend),
                        TestSettings.listener("http2: true", "lame-duck: 1h"),
                        TestSettings.route());
                Http2Client unused = new Http2Client(proxy.port());
                Http2Client busy = new Http2Client(proxy.port())) {
            unused.get(1, "/");
            assertThat(unused.read(1).status()).isEqualTo("200");
            busy.get(1, "/slow");
            backend.nextRequest();
            backend.nextRequest();

            if (replaced) {
                Waiting.on(proxy.listener().yieldSockets());
            } else {
                proxy.listener().startLameDuck();
            }
            for (Http2Client client : new Http2Client[] {unused, busy}) {
                assertThat(lastStreamTold(client)).isEqualTo(Integer.MAX_VALUE);
            }
            // It was on its way.
            busy.get(3, "/");
            assertThat(busy.read(3).status()).isEqualTo("200");

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
            assertThat(lastStreamTold(unused)).isEqualTo(1);
            assertThat(lastStreamTold(busy)).isEqualTo(3);
            mayGoOn.countDown();
            assertThat(busy.read(1).status()).isEqualTo("200");
            unused.untilEnd();
            busy.untilEnd();
            Waiting.until("closed", () -> proxy.listener().connections() == 0);
        }
    }

    private static int lastStreamTold(Http2Client client) throws IOException {
        Http2Client.Frame told = client.until(frame -> frame.type() == Http2Client.GOAWAY);
        assertThat(told.code()).isZero();
        return ByteBuffer.wrap(told.payload()).getInt();
    }
}
