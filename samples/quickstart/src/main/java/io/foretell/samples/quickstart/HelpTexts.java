package io.foretell.samples.quickstart;

import java.util.List;

/** What there is to find, three questions that share hardly a word with their answers, and many short ones. */
final class HelpTexts {
    static final List<String> ANSWERS = List.of(
            "To change your password, open Settings and choose Security.",
            "Refunds reach your bank account within five working days.",
            "Parcels are handed to the courier every afternoon at four.",
            "You can cancel a subscription at any time; it then runs out at the end of the month.",
            "Our support team answers the telephone from eight in the morning until six in the evening.",
            "Invoices are sent by e-mail on the first day of every month.",
            "The mobile app needs Android 12 or iOS 16.",
            "A damaged item is replaced free of charge when you send us a photograph of it.",
            "Students get a discount of thirty percent with a valid university card.",
            "Add a colleague under Team, and choose what they may see.",
            "Your data is stored in Frankfurt and backed up to Dublin.",
            "Export all of your documents as a single archive from the account page.",
            "The gift card is valid for three years from the date of purchase.",
            "Dark mode follows the setting of your device unless you switch it by hand.",
            "Deliveries to islands take two days longer and cost a little more.",
            "Two-factor sign-in asks for a code from your telephone as well.",
            "Delete your account on the privacy page; nothing can be restored after thirty days.",
            "The battery lasts about nine hours of video, or two days of ordinary use.",
            "Firmware updates are installed at night while the device is charging.",
            "To pair the headphones, hold the button until the light blinks blue.");

    static final List<String> QUESTIONS = List.of(
            "When do I get my money back?",
            "Is my personal information kept within Europe?",
            "How long can I watch films without plugging it in?");

    /** Of five or six tokens each. */
    static final List<String> SHORT = List.of(
            "Track my parcel.",
            "Change my password.",
            "Cancel my order.",
            "Return an item.",
            "Print the invoice.",
            "Call the support.",
            "Delete my account.",
            "Use dark mode.",
            "Charge the battery.",
            "Pair the headphones.",
            "Invite a colleague.",
            "Export my documents.",
            "Send a photograph.",
            "Give a discount.",
            "Install the app.",
            "Update the firmware.");

    private HelpTexts() {}
}
