package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.PoolChange.PutBackend;
import io.sluice.proxy.api.PoolChange.RemoveBackend;
import io.sluice.service.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backends that come and go by themselves, beside those {@code b1} and {@code b2} of the file. */
class DynamicBackendsTest {
    private final PoolFixture f = new PoolFixture(2);

    @AfterEach
    void close() {
        f.close();
    }

    private ChangeResult change(BackendSource source, PoolChange... changes) {
        return PoolFixture.settle(f.pools.change(request(source, changes)));
    }

    private static ChangeRequest request(BackendSource source, PoolChange... changes) {
        return ChangeRequest.of(source, PoolFixture.POOL, List.of(changes), "robot", "test");
    }

    private Refusal refused(ChangeRequest request) {
        try {
            PoolFixture.settle(f.pools.change(request));
        } catch (ChangeRefusedException e) {
            return e.refusal();
        }
        throw new AssertionError("accepted: " + request);
    }

    private static PutBackend put(String id, int port) {
        return new PutBackend(id, "127.0.0.1:" + port, null, 1);
    }

    @Test
    void whoCameInOneWayIsNotTouchedInAnother() {
        change(BackendSource.DISCOVERED, put("d", 9001));
        for (BackendSource other : List.of(BackendSource.REGISTERED, BackendSource.DISCOVERED)) {
            assertThat(refused(request(other, put("b1", 9002)))).isEqualTo(Refusal.NOT_YOURS);
            assertThat(refused(request(other, put("x", 8001)))).isEqualTo(Refusal.NOT_YOURS);
            assertThat(refused(request(other, new RemoveBackend("b1", true)))).isEqualTo(Refusal.NOT_YOURS);
        }
        assertThat(refused(request(BackendSource.REGISTERED, new RemoveBackend("d", true))))
                .isEqualTo(Refusal.NOT_YOURS);
        change(BackendSource.DISCOVERED, new RemoveBackend("d", false));
        assertThat(f.now().backends()).hasSize(2);
    }

    @Test
    void anOperatorMayChangeEverybodyAndTakesOverWhomHeMoves() {
        change(BackendSource.REGISTERED, put("r", 9001));
        f.change(new PutBackend("r", "127.0.0.1:9001", null, 7));
        assertThat(f.now().source("r")).isEqualTo(BackendSource.REGISTERED);
        f.change(put("r", 9002));
        assertThat(f.now().source("r")).isEqualTo(BackendSource.API);
        f.change(new PutBackend("b1", "127.0.0.1:9003", null, 1));
        assertThat(f.now().source("b1")).isEqualTo(BackendSource.STATIC);
    }

    @Test
    void theFloorCountsAlsoWhoIsUnwell() {
        change(BackendSource.REGISTERED, put("r", 9001));
        f.settings =
                new PoolSettings(PoolFixture.POOL, PoolFixture.backends(2), 3, Duration.ofSeconds(30), true, false);
        f.restart();
        f.down("r");
        assertThat(refused(request(BackendSource.REGISTERED, new RemoveBackend("r", false))))
                .isEqualTo(Refusal.FLOOR_WOULD_BREAK);
        PoolFixture.settle(f.pools.change(
                request(BackendSource.REGISTERED, new RemoveBackend("r", false)).asOverFloor()));
        assertThat(f.now().backends()).hasSize(2);
    }

    @Test
    void aRestartAndAnotherFileLeaveThemAlone() {
        change(BackendSource.DISCOVERED, put("d", 9001));
        f.settings =
                new PoolSettings(PoolFixture.POOL, PoolFixture.backends(1), null, Duration.ofSeconds(30), true, false);
        f.restart();
        assertThat(f.now().backends()).extracting(Backend::id).containsExactly("b1", "d");
        assertThat(f.now().source("b1")).isEqualTo(BackendSource.STATIC);
        assertThat(f.now().source("d")).isEqualTo(BackendSource.DISCOVERED);
        ObjectNode document = f.pools.document(f.pool()).settings();
        assertThat(document.path("backends").fieldNames()).toIterable().containsExactly("b1");
    }

    @Test
    void aPoolThatLeavesTheFileTakesThemAlong() {
        Wishes before = new Wishes(List.of(f.now().state()), f.pools.routes());
        FileContents file = FileContents.of(List.of(f.settings));
        change(BackendSource.DISCOVERED, put("d", 9001));
        Wishes live = new Wishes(List.of(f.now().state()), f.pools.routes());
        assertThat(live.pools()).isNotEqualTo(before.pools());
        Wishes merged = new FileMerge(file, FileContents.of(List.of()), live, Prefer.NOBODY).merge();
        assertThat(merged.pools()).isEmpty();
    }

    @Test
    void aJournalThatDoesNotSayWhereABackendComesFromMeansTheFile() {
        ObjectNode old = Json.read(Json.writeBytes(f.now().state().backends().get(0)), ObjectNode.class);
        old.remove("source");
        assertThat(Json.read(Json.writeBytes(old), BackendState.class).source()).isEqualTo(BackendSource.STATIC);
    }

    @Test
    void asManyAsMayGoGo() {
        change(BackendSource.DISCOVERED, put("d1", 9001), put("d2", 9002), put("d3", 9003));
        f.hold("d2", "work");
        Withdrawal withdrawal =
                new Withdrawal(f.pools::change, BackendSource.DISCOVERED, PoolFixture.POOL, "robot", "test");
        Withdrawal.Outcome outcome = PoolFixture.settle(withdrawal.of(List.of("d1", "d2", "d3", "gone")));
        assertThat(outcome.gone()).containsExactly("d1", "d3", "gone");
        assertThat(outcome.kept()).containsOnlyKeys("d2");
        assertThat(outcome.kept().get("d2")).contains("work");
    }
}
