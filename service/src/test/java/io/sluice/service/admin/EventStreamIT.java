package io.sluice.service.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventStreamIT {
    private static final String LAST_CHUNK = "0";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final AdminServer server =
            new AdminServer(vertx, AdminSettings.loopback(0, Secret.of("hush")), metrics, Optional::empty);
    private final EventStream events = server.eventStream(3);

    @BeforeEach
    void start() throws Exception {
        server.router().get("/v1/events").handler(events.handler());
        server.router().get("/v1/topic").handler(events.handler(ctx -> new Subscription() {
            @Override
            public boolean includes(ServerEvent event) {
                return "t".equals(event.topic());
            }

            @Override
            public List<ServerEvent> snapshot() {
                return List.of(new ServerEvent(40, "snapshot", "{}", "t"));
            }

            @Override
            public boolean isLast(ServerEvent event) {
                return event.name().equals("over");
            }

            @Override
            public boolean isComplete(long lastEventId) {
                return lastEventId == 99;
            }
        }));
        get(server.start());
    }

    @AfterEach
    void stop() throws Exception {
        get(server.stop());
        get(vertx.close());
        metrics.close();
    }

    @Test
    void sendsWhatIsPublishedFromNowOn() throws Exception {
        events.publish(1, "pool", "{\"n\":1}");
        try (RawExchange client = subscribe("/v1/events")) {
            assertThat(client.linesUntil("retry: 2000")).containsExactly("retry: 2000");

            events.publish(2, "pool", "{\"n\":2}");

            assertThat(client.linesUntil("data: {\"n\":2}")).containsExactly("id: 2", "event: pool", "data: {\"n\":2}");
        }
    }

    @Test
    void resumesAfterTheLastEventId() throws Exception {
        for (int i = 1; i <= 4; i++) {
            events.publish(i, "pool", "{\"n\":" + i + "}");
        }
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 2")) {
            assertThat(client.linesUntil("data: {\"n\":4}"))
                    .containsExactly(
                            "retry: 2000",
                            "id: 3",
                            "event: pool",
                            "data: {\"n\":3}",
                            "id: 4",
                            "event: pool",
                            "data: {\"n\":4}");
        }
    }

    @Test
    void resumesAtTheOldestRememberedEvent() throws Exception {
        for (int i = 1; i <= 4; i++) {
            events.publish(i, "pool", "{\"n\":" + i + "}");
        }
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 1")) {
            assertThat(client.linesUntil("data: {\"n\":4}")).contains("id: 2").doesNotContain("event: reset");
        }
    }

    @Test
    void resetsWhenTheIdIsForgottenOrFromTheFuture() throws Exception {
        for (int i = 1; i <= 5; i++) {
            events.publish(i, "pool", "{}");
        }
        for (String id : List.of("1", "6")) {
            try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: " + id)) {
                assertThat(client.linesUntil("data: {\"lastEventId\":5}"))
                        .containsExactly("retry: 2000", "id: 5", "event: reset", "data: {\"lastEventId\":5}");
            }
        }
    }

    @Test
    void forgetsSoonerWhatIsLong() throws Exception {
        events.publish(1, "pool", "{}");
        events.publish(2, "pool", "\"" + "x".repeat(EventStream.MAX_REMEMBERED) + "\"");
        events.publish(3, "pool", "{\"n\":3}");
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 1")) {
            assertThat(client.linesUntil("data: {\"lastEventId\":3}")).contains("event: reset");
        }
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 2")) {
            assertThat(client.linesUntil("data: {\"n\":3}")).contains("id: 3").doesNotContain("event: reset");
        }
    }

    @Test
    void aRestartForgetsEverythingBeforeIt() throws Exception {
        events.startAfter(50);
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 49")) {
            assertThat(client.linesUntil("event: reset")).contains("event: reset");
        }
        try (RawExchange client = subscribe("/v1/events", "Last-Event-ID: 50")) {
            client.linesUntil("retry: 2000");
            events.publish(51, "pool", "{}");
            assertThat(client.linesUntil("data: {}")).containsExactly("id: 51", "event: pool", "data: {}");
        }
    }

    @Test
    void subscriptionsChooseSnapshotAndEndTheStream() throws Exception {
        try (RawExchange client = subscribe("/v1/topic")) {
            assertThat(client.linesUntil("data: {}")).contains("event: snapshot");

            events.publish(new ServerEvent(41, "other", "{}", "u"));
            events.publish(new ServerEvent(42, "over", "{\"last\":1}", "t"));
            events.publish(new ServerEvent(43, "after", "{}", "t"));

            assertThat(client.linesUntil(LAST_CHUNK))
                    .containsSubsequence("id: 42", "event: over", "data: {\"last\":1}")
                    .doesNotContain("event: other", "event: after");
        }
    }

    @Test
    void whoHasSeenEverythingIsTold204() throws Exception {
        try (RawExchange client = subscribe("/v1/topic", "Last-Event-ID: 99")) {
            assertThat(client.reply().status()).isEqualTo(204);
        }
    }

    @Test
    void aClientThatDoesNotReadIsCutOffAndTheOthersGoOn() throws Exception {
        String payload = "\"" + "x".repeat(100_000) + "\"";
        try (RawExchange lazy = subscribe("/v1/events");
                RawExchange eager = subscribe("/v1/events")) {
            lazy.linesUntil("retry: 2000");
            eager.linesUntil("retry: 2000");
            int last = 300;
            for (int i = 1; i <= last; i++) {
                events.publish(i, "pool", i % 10 == 0 ? "{\"n\":" + i + "}" : payload);
                if (i % 10 == 0) {
                    eager.linesUntil("data: {\"n\":" + i + "}");
                }
            }
            assertThatThrownBy(() -> {
                        List<String> lines = lazy.linesUntil("data: {\"n\":" + last + "}");
                        assertThat(lines).doesNotContain("<closed>");
                    })
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    @Test
    void stoppingTheServerEndsTheStreams() throws Exception {
        try (RawExchange client = subscribe("/v1/events")) {
            client.linesUntil("retry: 2000");

            get(server.stop());

            assertThat(client.linesUntil("<never>")).endsWith("<closed>");
        }
    }

    @Test
    void idsHaveToRise() {
        events.publish(5, "pool", "{}");

        assertThatThrownBy(() -> events.publish(5, "pool", "{}")).hasMessage("event id: 5 (expected: > 5)");
    }

    private RawExchange subscribe(String path, String... headers) throws IOException {
        RawExchange client = new RawExchange(server.port());
        String[] head = new String[3 + headers.length];
        head[0] = "GET " + path + " HTTP/1.1";
        head[1] = "Host: localhost";
        head[2] = "Authorization: hush";
        System.arraycopy(headers, 0, head, 3, headers.length);
        client.send("", head);
        if (!List.of(headers).contains("Last-Event-ID: 99")) {
            assertThat(client.reply().status()).isEqualTo(200);
        }
        return client;
    }

    private static void get(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
