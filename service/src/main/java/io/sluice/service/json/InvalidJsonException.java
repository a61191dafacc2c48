package io.sluice.service.json;

import java.util.List;
import java.util.stream.Collectors;

/** A document is not JSON, or not what its reader expects; carries every mistake found. */
public final class InvalidJsonException extends RuntimeException {
    private final transient List<JsonMistake> mistakes;

    public InvalidJsonException(List<JsonMistake> mistakes) {
        super(mistakes.stream().map(m -> m.pointer() + ": " + m.detail()).collect(Collectors.joining("; ")));
        this.mistakes = List.copyOf(mistakes);
    }

    public List<JsonMistake> mistakes() {
        return mistakes;
    }
}
