package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One change inside a {@link PoolPatch}; the {@code op} field tells which. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PoolChange.PutBackend.class, name = "put-backend"),
    @JsonSubTypes.Type(value = PoolChange.RemoveBackend.class, name = "remove-backend"),
    @JsonSubTypes.Type(value = PoolChange.PutHold.class, name = "put-hold"),
    @JsonSubTypes.Type(value = PoolChange.RemoveHold.class, name = "remove-hold"),
    @JsonSubTypes.Type(value = PoolChange.AcceptConfiguration.class, name = "accept-configuration"),
    @JsonSubTypes.Type(value = PoolChange.SetMinInService.class, name = "set-min-in-service")
})
public sealed interface PoolChange {
    /**
     * Creates or replaces a backend; its holds stay.
     *
     * @param backup whether it serves only while no other kind is eligible
     * @param maxInFlight how many requests it runs at once at most; absent: as many as the pool says
     */
    record PutBackend(
            String id,
            String address,
            @Nullable String adminUrl,
            @Nullable Integer weight,
            boolean backup,
            @Nullable Integer maxInFlight)
            implements PoolChange {
        public PutBackend(String id, String address, @Nullable String adminUrl, @Nullable Integer weight) {
            this(id, address, adminUrl, weight, false, null);
        }
    }

    /**
     * Removes a backend, draining it; refused while somebody else's hold is on it unless {@code force}. Without {@code drainTimeout} the
     * pool's own applies.
     */
    record RemoveBackend(String id, boolean force, @Nullable Duration drainTimeout) implements PoolChange {
        public RemoveBackend(String id, boolean force) {
            this(id, force, null);
        }
    }

    /** Places a hold; nothing happens when the backend has it already. */
    record PutHold(
            String backend,
            String name,
            String reason,
            @Nullable Duration drainTimeout) implements PoolChange {}

    /** Takes a hold away; nothing happens when the backend has none of that name. */
    record RemoveHold(String backend, String name) implements PoolChange {}

    /** Sets which config hashes the pool admits; an empty list admits any. */
    record AcceptConfiguration(List<String> hashes) implements PoolChange {
        public AcceptConfiguration {
            hashes = List.copyOf(hashes);
        }
    }

    /** Sets the floor. */
    record SetMinInService(int count) implements PoolChange {}
}
