package io.foretell.scorecard;

/**
 * What rows of batching predict. Its answer is its number.
 *
 * @param number from 0, for the books
 * @param key only items of equal keys may share a batch
 * @param padding what makes it large
 */
record Item(int number, int key, String padding) {
    static Item of(int number) {
        return new Item(number, 0, "");
    }

    Item withKey(int key) {
        return new Item(number, key, padding);
    }

    Item withBytes(int bytes) {
        return new Item(number, key, "x".repeat(bytes));
    }

    int bytes() {
        return padding.length();
    }
}
