package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.PoolChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FileMergeTest {
    private final PoolFixture f = new PoolFixture(3);

    @AfterEach
    void close() {
        f.close();
    }

    private static BackendSettings backend(String id, int port, int weight) {
        return new BackendSettings(id, "127.0.0.1:" + port, null, weight);
    }

    private void restartWith(@Nullable Integer floor, BackendSettings... backends) {
        f.settings = new PoolSettings(PoolFixture.POOL, List.of(backends), floor, Duration.ofSeconds(30), true, false);
        f.restart();
    }

    private List<FileConflictException.Conflict> conflictsWith(@Nullable Integer floor, BackendSettings... backends) {
        f.pools.close();
        f.settings = new PoolSettings(PoolFixture.POOL, List.of(backends), floor, Duration.ofSeconds(30), true, false);
        try {
            f.pools = Pools.open(List.of(f.settings), f.store, f.clock, "boot");
        } catch (FileConflictException e) {
            return e.conflicts();
        }
        throw new AssertionError("merged");
    }

    @Test
    void anUntouchedFileNeverUndoesTheApi() {
        f.change(new PoolChange.PutBackend("b2", "127.0.0.1:9002", null, 5), new PoolChange.RemoveBackend("b3", false));
        f.change(new PoolChange.PutBackend("b4", "127.0.0.1:9004", null, 1));
        PoolState live = f.now().state();
        f.restart();
        assertThat(f.now().state()).isEqualTo(live);
        assertThat(f.pools.journal(PoolFixture.POOL, 10).entries()).hasSize(3);
    }

    @Test
    void whatTheFileAloneChangedIsTaken() {
        f.change(new PoolChange.PutBackend("b1", "127.0.0.1:8001", null, 9));
        f.hold("b2", "h");
        restartWith(1, backend("b1", 8101, 1), backend("b2", 8002, 4), backend("b4", 8004, 1));

        assertThat(f.backend("b1").address()).as("the file's address").isEqualTo("127.0.0.1:8101");
        assertThat(f.backend("b1").weight()).as("the API's weight").isEqualTo(9);
        assertThat(f.backend("b1").incarnation()).isEqualTo(2);
        assertThat(f.backend("b2").weight()).isEqualTo(4);
        assertThat(f.now().holds("b2")).hasSize(1);
        assertThat(f.now().backends()).extracting(Backend::id).containsExactly("b1", "b2", "b4");
        assertThat(f.now().minInService()).isEqualTo(1);
        JournalEntryView entry = f.pools.journal(PoolFixture.POOL, 1).entries().get(0);
        assertThat(entry.author()).isEqualTo("file");
        assertThat(entry.changes()).hasSize(5);
        f.restart();
        assertThat(f.now().revision()).isEqualTo(entry.toRevision());
    }

    @Test
    void whatBothChangedAlikeIsAgreed() {
        f.change(new PoolChange.PutBackend("b1", "127.0.0.1:8001", null, 9), new PoolChange.RemoveBackend("b3", false));
        long revision = f.now().revision();
        restartWith(null, backend("b1", 8001, 9), backend("b2", 8002, 1));
        assertThat(f.now().revision()).isEqualTo(revision);
        assertThat(f.now().backends()).hasSize(2);
    }

    @Test
    void whatBothChangedDifferentlyIsRefusedAndListed() {
        f.change(new PoolChange.SetMinInService(1));
        f.change(
                new PoolChange.PutBackend("b1", "127.0.0.1:8001", null, 9),
                new PoolChange.PutBackend("b2", "127.0.0.1:9002", null, 1),
                new PoolChange.RemoveBackend("b3", false));
        List<FileConflictException.Conflict> conflicts =
                conflictsWith(3, backend("b1", 8001, 2), backend("b3", 8003, 7));

        assertThat(conflicts)
                .extracting(FileConflictException.Conflict::key)
                .containsExactlyInAnyOrder(
                        "pools.webhooks.min-in-service",
                        "pools.webhooks.backends.b1.weight",
                        "pools.webhooks.backends.b2",
                        "pools.webhooks.backends.b3");
        assertThat(conflicts.toString()).contains("the file says 2 (it said 1), the API made it 9");
    }

    @Test
    void aHeldBackendDoesNotVanishWithTheFile() {
        f.hold("b3", "operator:ana");
        assertThat(conflictsWith(null, backend("b1", 8001, 1), backend("b2", 8002, 1)))
                .singleElement()
                .asString()
                .contains("b3", "held by operator:ana");
    }

    @Test
    void aConflictLeavesTheJournalAsItWas() {
        f.change(new PoolChange.PutBackend("b1", "127.0.0.1:8001", null, 9));
        int entries = f.store.size();
        conflictsWith(null, backend("b1", 8001, 2));
        assertThat(f.store.size()).isEqualTo(entries);
        restartWith(null, backend("b1", 8001, 9), backend("b2", 8002, 1), backend("b3", 8003, 1));
        assertThat(f.backend("b1").weight()).isEqualTo(9);
    }

    @Test
    void withoutKnowingWhatTheFileSaidEveryDifferenceIsAConflict() {
        f.pools.close();
        f.store.damage(f.store.size() - 1);
        assertThat(conflictsWith(null, backend("b1", 8001, 2), backend("b2", 8002, 1), backend("b3", 8003, 1)))
                .extracting(FileConflictException.Conflict::key)
                .containsExactly("pools.webhooks.backends.b1.weight");
    }

    @Test
    void poolsComeAndGoWithTheFileUnlessTheApiChangedThem() {
        f.pools.close();
        List<PoolSettings> both = new ArrayList<>(List.of(f.settings));
        both.add(PoolSettings.of("other", List.of(backend("o1", 9001, 1), backend("o2", 9002, 1))));
        f.pools = Pools.open(both, f.store, f.clock, "boot");
        assertThat(f.pools.pool("other").orElseThrow().snapshot().inService()).isEqualTo(2);
        f.restart();
        assertThat(f.pools.pool("other")).isEmpty();

        f.pools.close();
        f.pools = Pools.open(both, f.store, f.clock, "boot");
        PoolFixture.settle(f.pools.change(new ChangeRequest(
                "other",
                List.of(new PoolChange.PutBackend("o1", "127.0.0.1:9001", null, 3)),
                Precondition.NONE,
                "ana",
                "",
                null)));
        f.pools.close();
        assertThatThrownBy(() -> Pools.open(List.of(f.settings), f.store, f.clock, "boot"))
                .isInstanceOf(FileConflictException.class)
                .hasMessageContaining("pools.other");
    }
}
