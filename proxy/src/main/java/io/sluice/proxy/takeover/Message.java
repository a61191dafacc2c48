package io.sluice.proxy.takeover;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sluice.proxy.pool.Unfinished;

/** What the two processes say to each other, a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Message.Ask.class, name = "ask"),
    @JsonSubTypes.Type(value = Message.Done.class, name = "done"),
    @JsonSubTypes.Type(value = Message.Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = Message.Follow.class, name = "follow"),
    @JsonSubTypes.Type(value = Message.StillRunning.class, name = "still-running")
})
sealed interface Message {
    /** What a new process asks for, in this order. */
    enum Step {
        /** Changes pools no more, and lets go of the journal. */
        RELEASE_JOURNAL,
        /** Lets go of the port of the admin API. */
        YIELD_ADMIN,
        /** Accepts no more connections, finishes what runs, and ends. There is no way back. */
        STEP_DOWN
    }

    /** The new process asks. */
    record Ask(Step step) implements Message {}

    /** The old one has done it. */
    record Done(Step step) implements Message {}

    /** The old one has not, and goes on as before. */
    record Refused(String reason) implements Message {}

    /** The new one has changed pools. */
    record Follow(String states) implements Message {}

    /** What the old one has to finish yet. */
    record StillRunning(Unfinished unfinished) implements Message {}
}
