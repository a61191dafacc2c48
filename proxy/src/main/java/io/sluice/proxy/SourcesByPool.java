package io.sluice.proxy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sources of one kind: one for each pool whose settings ask for it. Its owner sees to it that it is changed by one thread at a time; read anywhere.
 *
 * @param <S> settings of a source
 * @param <P> a source
 */
final class SourcesByPool<S, P extends SourcesByPool.Source> {
    /** Looks after backends of one pool. */
    interface Source {
        void start();

        /** Nothing comes and goes any more. */
        void stop();

        /** Its series go, too. */
        void forget();
    }

    interface Maker<S, P> {
        /** Makes one that has not started; {@code before} is the one for the same pool with other settings, absent when there was none. */
        P make(String pool, S settings, @Nullable P before);
    }

    private record Entry<S, P>(S settings, P source) {}

    private final Function<ConfiguredPool, @Nullable S> wish;
    private final Maker<S, P> maker;
    private volatile Map<String, Entry<S, P>> entries = Map.of();
    private boolean running;

    SourcesByPool(Function<ConfiguredPool, @Nullable S> wish, Maker<S, P> maker) {
        this.wish = wish;
        this.maker = maker;
    }

    /** Nothing happens to those whose settings did not change. */
    void follow(Map<String, ConfiguredPool> pools) {
        // First those that end: their series have the names that others get.
        entries.forEach((name, entry) -> {
            ConfiguredPool pool = pools.get(name);
            if (pool == null || !entry.settings.equals(wish.apply(pool))) {
                entry.source.stop();
                entry.source.forget();
            }
        });
        Map<String, Entry<S, P>> next = new HashMap<>();
        pools.forEach((name, pool) -> {
            S settings = wish.apply(pool);
            if (settings != null) {
                Entry<S, P> known = entries.get(name);
                next.put(name, known != null && known.settings.equals(settings) ? known : begin(name, settings, known));
            }
        });
        entries = Map.copyOf(next);
    }

    private Entry<S, P> begin(String pool, S settings, @Nullable Entry<S, P> before) {
        P source = maker.make(pool, settings, before == null ? null : before.source);
        if (running) {
            source.start();
        }
        return new Entry<>(settings, source);
    }

    void start() {
        running = true;
        entries.values().forEach(entry -> entry.source.start());
    }

    void stop() {
        running = false;
        entries.values().forEach(entry -> entry.source.stop());
    }

    Optional<P> find(String pool) {
        return Optional.ofNullable(entries.get(pool)).map(Entry::source);
    }
}
