package io.sluice.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.DiscoveryView.Kept;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.discovery.DiscoverySettings.RecordKind;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool over a memory store whose backends are what a name server says. */
class DiscoveryIT {
    private static final String NAME = "app.internal.";
    private static final String FIRST = "dns-10.0.0.1-8080";
    private static final String SECOND = "dns-10.0.0.2-8080";

    private final Vertx vertx = Vertx.vertx();
    private final MemoryPoolStore store = new MemoryPoolStore();
    private final Map<String, Integer> outcomes = new ConcurrentHashMap<>();
    private PoolSettings settings = PoolSettings.of("app", List.of());
    private TestNameServer server;

    @SuppressWarnings("NullAway.Init") // each test starts it
    private Pools pools;

    @SuppressWarnings("NullAway.Init")
    private Discoveries discoveries;

    @SuppressWarnings("NullAway.Init")
    private Discovery discovery;

    @BeforeEach
    void startServer() throws Exception {
        server = new TestNameServer(true);
    }

    @AfterEach
    void stop() {
        stopProxy();
        server.close();
        Waiting.on(vertx.close());
    }

    private void stopProxy() {
        discovery.stop();
        discoveries.close();
        pools.close();
    }

    private void start() {
        pools = Pools.open(List.of(settings), store, Clock.systemUTC(), "boot");
        discoveries = new Discoveries(vertx, pools, Clock.systemUTC());
        DiscoverySettings wished = new DiscoverySettings(
                "app.internal",
                8080,
                RecordKind.ADDRESS,
                AddressFamily.AUTO,
                List.of(server.socketAddress()),
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofSeconds(20),
                2,
                50,
                200,
                3,
                9090);
        discovery = discoveries.of("app", wished, outcome -> outcomes.merge(outcome, 1, Integer::sum));
        discovery.start();
        Waiting.on(discovery.firstRound());
    }

    private PoolSnapshot now() {
        return pools.pool("app").orElseThrow().snapshot();
    }

    private List<String> ids() {
        return now().backends().stream().map(Backend::id).sorted().toList();
    }

    private void awaitIds(String... wanted) {
        Waiting.until("backends " + List.of(wanted), () -> ids().equals(List.of(wanted)));
    }

    /** So many more lookups with that outcome have been taken in completely. */
    private void awaitRounds(String outcome, int count) {
        int before = outcomes.getOrDefault(outcome, 0);
        Waiting.until(count + " more " + outcome, () -> outcomes.getOrDefault(outcome, 0) > before + count);
    }

    private @Nullable String kept(String id) {
        return discovery.view().kept().stream()
                .filter(each -> each.backend().equals(id))
                .map(Kept::reason)
                .findFirst()
                .orElse(null);
    }

    private void change(PoolChange... changes) {
        Waiting.on(Future.fromCompletionStage(
                pools.change(new ChangeRequest("app", List.of(changes), Precondition.NONE, "ana", "test", null))));
    }

    @Test
    void addressesComeAndGo() {
        server.addresses(NAME, 0, "10.0.0.1");
        start();
        awaitIds(FIRST);
        Backend first = now().backend(FIRST).orElseThrow();
        assertThat(first.weight()).isEqualTo(3);
        assertThat(first.adminUrl()).hasValue("http://10.0.0.1:9090");
        assertThat(now().source(FIRST)).isEqualTo(BackendSource.DISCOVERED);
        server.addresses(NAME, 0, "10.0.0.1", "10.0.0.2");
        awaitIds(FIRST, SECOND);
        long revision = now().revision();
        awaitRounds("answered", 3);
        assertThat(now().revision()).as("the same answer changes nothing").isEqualTo(revision);
        server.addresses(NAME, 0, "10.0.0.2");
        awaitIds(SECOND);
        assertThat(pools.journal("app", 10).entries().get(0).author()).isEqualTo("discovery");
    }

    @Test
    void whateverGoesWrongChangesNothing() {
        server.addresses(NAME, 0, "10.0.0.1", "10.0.0.2");
        start();
        awaitIds(FIRST, SECOND);
        long revision = now().revision();
        server.fail(DnsResponseCode.SERVFAIL);
        awaitRounds("servfail", 3);
        assertThat(discovery.view().failure()).containsIgnoringCase("servfail");
        server.fail(DnsResponseCode.NOERROR);
        server.addresses(NAME, 0);
        awaitRounds("empty", 3);
        server.forget(NAME);
        awaitRounds("nxdomain", 3);
        assertThat(discovery.view().addresses()).hasSize(2);
        assertThat(now().revision()).isEqualTo(revision);
        server.addresses(NAME, 0, "10.0.0.2", "10.0.0.1");
        Waiting.until("an answer again", () -> discovery.view().failure() == null);
        assertThat(now().revision()).isEqualTo(revision);
    }

    @Test
    void theFloorStandsAboveWhatAnAnswerSays() {
        settings = new PoolSettings("app", List.of(), 2, Duration.ofSeconds(5), true, false);
        server.addresses(NAME, 0, "10.0.0.1", "10.0.0.2");
        start();
        awaitIds(FIRST, SECOND);
        server.addresses(NAME, 0, "10.0.0.2");
        Waiting.until("it is told", () -> String.valueOf(kept(FIRST)).contains("min-in-service"));
        awaitRounds("answered", 2);
        assertThat(ids()).containsExactly(FIRST, SECOND);
        server.addresses(NAME, 0, "10.0.0.2", "10.0.0.3");
        awaitIds(SECOND, "dns-10.0.0.3-8080");
        Waiting.until("it is told no more", () -> kept(FIRST) == null);
    }

    @Test
    void whatTheFileOrAnOperatorSaysStays() {
        settings = PoolSettings.of("app", List.of(new BackendSettings("fixed", "10.0.0.9:8080", null, 1)));
        server.addresses(NAME, 0, "10.0.0.1", "10.0.0.2", "10.0.0.9");
        start();
        awaitIds(FIRST, SECOND, "fixed");
        change(
                new PoolChange.PutBackend("mine", "10.0.0.8:8080", null, 1),
                new PoolChange.PutHold(FIRST, "work", "being looked at", null));
        server.addresses(NAME, 0, "10.0.0.2");
        Waiting.until("it is told", () -> String.valueOf(kept(FIRST)).contains("holds"));
        awaitRounds("answered", 2);
        assertThat(ids()).containsExactly(FIRST, SECOND, "fixed", "mine");
        assertThat(now().source("fixed")).isEqualTo(BackendSource.STATIC);
        assertThat(now().source("mine")).isEqualTo(BackendSource.API);
        change(new PoolChange.RemoveHold(FIRST, "work"));
        awaitIds(SECOND, "fixed", "mine");
    }

    @Test
    void aRestartGoesOnFromTheJournalWhileNobodyAnswers() {
        server.addresses(NAME, 0, "10.0.0.1", "10.0.0.2");
        start();
        awaitIds(FIRST, SECOND);
        stopProxy();
        server.fail(DnsResponseCode.SERVFAIL);
        start();
        assertThat(ids()).containsExactly(FIRST, SECOND);
        assertThat(now().inService()).isEqualTo(2);
        assertThat(now().source(FIRST)).isEqualTo(BackendSource.DISCOVERED);
        server.fail(DnsResponseCode.NOERROR);
        server.addresses(NAME, 0, "10.0.0.2");
        awaitIds(SECOND);
    }
}
