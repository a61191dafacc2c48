package io.sluice.instance.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import io.sluice.instance.configuration.DedupPolicy;
import io.sluice.instance.configuration.HmacAlgorithm;
import io.sluice.instance.configuration.Scheme;
import io.sluice.instance.configuration.SignatureEncoding;
import io.sluice.instance.configuration.Verification;
import io.sluice.service.settings.Secret;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventIdsTest {
    private static final byte[] BODY = "{\"order\":{\"id\":17}}".getBytes(StandardCharsets.UTF_8);

    @Test
    void newIdsAreUlids() {
        // 01ARYZ6S41 is the time of the example in the ULID specification
        Clock clock = Clock.fixed(Instant.ofEpochMilli(1469918176385L), ZoneOffset.UTC);

        assertThat(new EventIds(clock, () -> -1L).next()).isEqualTo("01ARYZ6S41ZZZZZZZZZZZZZZZZ");
        assertThat(new EventIds(clock, () -> 0L).next()).isEqualTo("01ARYZ6S410000000000000000");
    }

    @Test
    void derivedIdsDependOnWebhookAndDelivery() {
        String id = EventIds.derived("orders", "d-1");

        assertThat(id).matches("[0-7][0-9A-HJKMNP-TV-Z]{25}").isEqualTo(EventIds.derived("orders", "d-1"));
        assertThat(EventIds.derived("orders", "d-2")).isNotEqualTo(id);
        assertThat(EventIds.derived("other", "d-1")).isNotEqualTo(id);
    }

    @Test
    void knowsTheDeliveryHeadersOfWellKnownSenders() {
        assertThat(key(Optional.empty(), "X-GitHub-Delivery", "d-1")).contains("d-1");
        assertThat(key(Optional.empty(), "Webhook-Id", "msg_1")).contains("msg_1");
        assertThat(key(Optional.empty(), "X-Request-ID", "r-1")).isEmpty();
        assertThat(key(Optional.empty(), "X-Gitlab-Event-UUID", "shared by events"))
                .isEmpty();
    }

    @Test
    void aNameThatIsEmptyRepeatedOrEndlessIsNone() {
        MultiMap repeated =
                MultiMap.caseInsensitiveMultiMap().add("webhook-id", "a").add("webhook-id", "b");

        assertThat(key(Optional.empty(), "webhook-id", " ")).isEmpty();
        assertThat(key(Optional.empty(), "webhook-id", "x".repeat(257))).isEmpty();
        assertThat(DeliveryKey.of(Optional.empty(), repeated, BODY)).isEmpty();
    }

    @Test
    void aPolicyIsTheOnlySourceWhereThereIsOne() {
        Optional<DedupPolicy> header = policy(new DedupPolicy.Header("X-Order"));

        assertThat(key(header, "x-order", "17")).contains("17");
        assertThat(key(header, "webhook-id", "msg_1")).isEmpty();
        assertThat(key(policy(new DedupPolicy.Pointer(JsonPointer.compile("/order/id"))), "a", "b"))
                .contains("17");
        assertThat(key(policy(new DedupPolicy.Pointer(JsonPointer.compile("/order"))), "a", "b"))
                .isEmpty();
    }

    @Test
    void credentialsAndConnectionHeadersAreNotStored() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("Authorization", "Bearer x")
                .add("Cookie", "a=b")
                .add("X-Hub-Signature-256", "sha256=00")
                .add("X-Gitlab-Token", "t")
                .add("X-Api-Key", "k")
                .add("X-Webhook-Secret", "s")
                .add("X-Password", "p")
                .add("X-Check", "00")
                .add("Connection", "close")
                .add("X-Forwarded-For", "10.0.0.1")
                .add("X-GitHub-Event", "push")
                .add("Accept", "a")
                .add("accept", "b");

        Scheme hmac =
                new Scheme.Hmac(List.of(Secret.of("s")), "X-Check", HmacAlgorithm.SHA256, SignatureEncoding.HEX, "");
        Verification verification = new Verification(Verification.Rule.ALL, List.of(hmac));

        assertThat(StoredHeaders.select(headers, verification))
                .containsOnlyKeys("x-github-event", "accept")
                .containsEntry("accept", "a, b");
    }

    private static Optional<String> key(Optional<DedupPolicy> policy, String header, String value) {
        return DeliveryKey.of(policy, MultiMap.caseInsensitiveMultiMap().add(header, value), BODY);
    }

    private static Optional<DedupPolicy> policy(DedupPolicy.Key key) {
        return Optional.of(new DedupPolicy(key, Duration.ofHours(1)));
    }
}
