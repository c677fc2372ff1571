//! The meanings of fields and labels, and the kinds of their values.

use serde::Deserialize;

/// The meaning of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Concept {
    InvoiceNumber,
    /// The number and date of the invoice that a credit note or a reminder refers to.
    CorrectedInvoice,
    OrderNumber,
    CustomerNumber,
    DeliveryNumber,
    SupplierNumber,
    ContractNumber,
    Reference,
    ArticleNumber,
    Date,
    DueDate,
    DeliveryDate,
    OrderDate,
    PeriodStart,
    PeriodEnd,
    Time,
    TotalGross,
    TotalNet,
    TotalTax,
    TaxRate,
    AmountDue,
    AmountPaid,
    /// The amount to be paid after the due date.
    LateAmount,
    /// A tax that the buyer withholds.
    Withholding,
    /// The running total of the items, at the bottom of a page or at the top of the next.
    Carried,
    Change,
    Rounding,
    Discount,
    Shipping,
    ServiceCharge,
    TotalQuantity,
    OpeningBalance,
    ClosingBalance,
    Currency,
    SellerName,
    BuyerName,
    /// A name in a form, where another part says whose it is.
    PersonName,
    /// The recipient of the goods, usually the buyer.
    ShipTo,
    SellerAddress,
    BuyerAddress,
    SellerVatId,
    BuyerVatId,
    CompanyRegistration,
    Iban,
    AccountNumber,
    LastName,
    FirstName,
    DateOfBirth,
    PlaceOfBirth,
    Nationality,
    ExpiryDate,
    /// The number of a card, a passport, a licence.
    DocumentNumber,
    Bic,
    Bank,
    Blz,
    Phone,
    Fax,
    Email,
    Website,
    PaymentMethod,
    PaymentTerms,
    Cashier,
    Table,
    Description,
    Quantity,
    Unit,
    UnitPrice,
    LineTotal,
    Position,
    LineItems,
    /// `incl. VAT` after a total.
    WithTax,
    /// `excl. VAT` after a total.
    WithoutTax,
    /// A template's own name for one of its fields: the field's index.
    #[serde(skip)]
    Own(usize),
}

/// A party to the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Seller,
    Buyer,
}

impl Concept {
    /// Whether it is a column of line items.
    pub(crate) fn is_of_items(self) -> bool {
        matches!(
            self,
            Self::Description
                | Self::Quantity
                | Self::Unit
                | Self::UnitPrice
                | Self::LineTotal
                | Self::Position
                | Self::ArticleNumber
        )
    }

    /// The corresponding concept of a side, or the concept itself if it belongs to no side.
    pub(crate) fn for_side(self, side: Side) -> Self {
        match (self, side) {
            (Self::SellerAddress | Self::BuyerAddress, Side::Seller) => Self::SellerAddress,
            (Self::SellerAddress | Self::BuyerAddress, Side::Buyer) => Self::BuyerAddress,
            (Self::SellerVatId | Self::BuyerVatId, Side::Seller) => Self::SellerVatId,
            (Self::SellerVatId | Self::BuyerVatId, Side::Buyer) => Self::BuyerVatId,
            (other, _) => other,
        }
    }

    /// The party that a label of the concept names.
    pub(crate) fn side(self) -> Option<Side> {
        match self {
            Self::SellerName => Some(Side::Seller),
            Self::BuyerName | Self::ShipTo => Some(Side::Buyer),
            _ => None,
        }
    }
}

/// The kind of a concept's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Code,
    Date,
    Time,
    Amount,
    Quantity,
    Percent,
    Currency,
    Party,
    Address,
    Text,
    Vat,
    Iban,
    Bic,
    Phone,
    Email,
    Url,
    Items,
    /// Changes the meaning of the label before it.
    Modifier,
}

/// What the last word of a name in a template says about the value: a tax code is a code, not a tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Head {
    Code,
    Name,
    /// One of several kinds or ways: a payment method.
    Choice,
    /// A number with a unit, other than money.
    Measure,
    /// A part of the calendar other than a day.
    Period,
}

impl Head {
    /// Whether a value of that kind can be meant.
    pub(crate) fn allows(self, kind: Kind) -> bool {
        match self {
            Self::Code => {
                matches!(kind, Kind::Code | Kind::Vat | Kind::Iban | Kind::Bic | Kind::Phone | Kind::Currency)
            }
            Self::Name => matches!(kind, Kind::Party | Kind::Text),
            Self::Choice => kind == Kind::Text,
            Self::Measure => matches!(kind, Kind::Quantity | Kind::Text),
            Self::Period => matches!(kind, Kind::Text | Kind::Code | Kind::Date),
        }
    }
}

/// When a day comes among the days of a paper, according to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeOfDays {
    Late,
    Early,
}

/// Whom a word of a name means on a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Who issues it.
    Issuer,
    /// Whom it is for.
    Addressee,
    /// Who signs it, or acts for the issuer.
    Signer,
}
