package io.foretell.scorecard;

import io.foretell.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An item as it travels, in letters that every format carries as they are: its place in the batch, its number, its key,
 * and then its padding, which nobody reads.
 */
record Word(int place, int number, int key) {
    private static final int FIELDS = 3;

    static Word of(int place, Item item) {
        return new Word(place, item.number(), item.key());
    }

    Word at(int place) {
        return new Word(place, number, key);
    }

    String text() {
        return place + " " + number + " " + key + " ";
    }

    static Word parse(byte[] text) {
        int[] fields = new int[FIELDS];
        int at = 0;
        for (int field = 0; field < FIELDS; at++) {
            if (text[at] == ' ') {
                field++;
            } else {
                fields[field] = fields[field] * 10 + text[at] - '0';
            }
        }
        return new Word(fields[0], fields[1], fields[2]);
    }

    static List<Word> words(Tensor tensor) {
        byte[][] texts = tensor.byteStrings();
        List<Word> words = new ArrayList<>(texts.length);
        for (byte[] text : texts) {
            words.add(parse(text));
        }
        return words;
    }

    /** A vector, one text an item. */
    static Tensor tensor(List<String> texts) {
        byte[][] bytes = new byte[texts.size()][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = texts.get(i).getBytes(StandardCharsets.US_ASCII);
        }
        return Tensor.of(bytes);
    }
}
